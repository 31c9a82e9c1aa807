import type { Config } from '../config/types.ts';

export async function check(_config: Config): Promise<number> {
  return 0;
}
