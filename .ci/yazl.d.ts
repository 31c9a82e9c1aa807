/** What is used of it: it brings no types. */
declare module 'yazl' {
  interface EntryOptions {
    mtime?: Date;
    mode?: number;
    /** Only the old time stamp, which knows no time zone. */
    forceDosTimestamp?: boolean;
  }
  export class ZipFile {
    readonly outputStream: NodeJS.ReadableStream;
    addBuffer(content: Buffer, name: string, options?: EntryOptions): void;
    end(): void;
  }
}
