import { readFileSync } from 'node:fs';
import type { Resolved } from './resolve.ts';
import { BadValue } from './problems.ts';
import { checkSecretFile, type TargetContext } from './secret_file.ts';
import type { Config } from './types.ts';

/** Shorter ones can be guessed by trying. */
export const LEAST_SECRET_CHARACTERS = 16;

const CURE = 'Make one: openssl rand -hex 32 > file; chmod 600 file.';

/** The files of the API's secrets, as whole paths. Both are read now, so that a mistake shows at the start. */
export const apiSecrets = ({ said }: Resolved, context: TargetContext): Config['api'] => {
  const secrets = new Map<string, string>();
  const check = (key: 'readSecretFile' | 'writeSecretFile'): string | undefined => {
    const given = said(`api.${key}`);
    if (given === undefined) return undefined;
    return context.findings.attempt(given.where, () => {
      const file = checkSecretFile(given.value as string, given.where, context);
      const secret = readFileSync(file, 'utf8').trim();
      if (secret.length < LEAST_SECRET_CHARACTERS)
        throw new BadValue(`the secret has fewer than ${LEAST_SECRET_CHARACTERS} characters`, CURE);
      if ([...secrets.values()].includes(secret))
        throw new BadValue('the read and the write secret are the same', `Whoever reads could write. ${CURE}`);
      secrets.set(key, secret);
      return file;
    });
  };
  return { readSecretFile: check('readSecretFile'), writeSecretFile: check('writeSecretFile') };
};
