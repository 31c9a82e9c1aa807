/** A point in time that work races against; scrapers that join with less patience move it closer. */
export class Deadline {
  private at: number;
  private timer: NodeJS.Timeout;
  private readonly expired: Promise<false>;
  private expire!: () => void;

  /** @param at milliseconds since 1970. */
  constructor(at: number) {
    this.at = at;
    this.expired = new Promise((resolve) => (this.expire = () => resolve(false)));
    this.timer = this.arm();
  }

  shorten(at: number): void {
    if (at >= this.at) return;
    this.at = at;
    clearTimeout(this.timer);
    this.timer = this.arm();
  }

  /** @returns whether the work was done in time. The work must not reject. */
  race(work: Promise<unknown>): Promise<boolean> {
    return Promise.race([work.then(() => true as const), this.expired]);
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  private arm(): NodeJS.Timeout {
    return setTimeout(() => this.expire(), Math.max(0, this.at - Date.now()));
  }
}
