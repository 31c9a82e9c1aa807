import { dsnFromParams } from './dsn.ts';
import { type Params, parseDsnText } from './dsn_text.ts';
import type { ConfigFile } from './file.ts';
import type { FileConnection } from './file_schema.ts';
import { loginDsn, type LoginRole } from './login.ts';
import { BadValue } from './problems.ts';
import { checkSecretFile, type TargetContext } from './secret_file.ts';
import type { Dsn, TargetConfig } from './types.ts';
import type { Path } from './yaml.ts';

/** The file's `targets:`. */
export const fileTargets = ({ content, where }: ConfigFile, context: TargetContext): TargetConfig[] => {
  const { databases, findings } = context;
  const seen = new Set<string>();
  return (content.targets ?? []).flatMap((target, index) => {
    if (target === undefined) return [];
    const path = ['targets', index];
    if (seen.has(target.name))
      findings.problem(
        where([...path, 'name']),
        `another target is already called "${target.name}"`,
        'Every target needs a name of its own.',
      );
    seen.add(target.name);
    if (!target.postgres && !target.pgbouncer)
      findings.problem(
        where(path),
        'the target has neither postgres nor pgbouncer',
        'Add postgres: <connection string>, or remove the target.',
      );
    const connect = (service: 'postgres' | 'pgbouncer'): Dsn | undefined =>
      target[service] ? fileDsn(target[service], service, { path: [...path, service], where }, context) : undefined;
    const postgres = connect('postgres');
    const login = (role: LoginRole): Dsn | undefined =>
      target[role] ? fileLogin(role, postgres, target[role], { path: [...path, role], where }, context) : undefined;
    const { discover, include, exclude } = target.databases ?? {};
    if (target.benchmark === 'allowed' && !target.load && !target.maintenance)
      findings.problem(
        where([...path, 'benchmark']),
        'nobody is named who may load the server',
        'Add load: with user: and password_file:, or maintenance:. It is another role than the one that monitors.',
      );
    const maintenance = login('maintenance');
    return {
      name: target.name,
      postgres,
      pgbouncer: connect('pgbouncer'),
      maintenance,
      benchmark: target.benchmark ?? 'forbidden',
      load: login('load') ?? maintenance,
      databases: {
        discover: discover ?? databases.discover,
        include: include ?? databases.include,
        exclude: exclude ?? databases.exclude,
      },
    };
  });
};

interface Place {
  readonly path: Path;
  readonly where: (path: Path) => string;
}

const fileDsn = (
  connection: FileConnection,
  service: 'postgres' | 'pgbouncer',
  place: Place,
  context: TargetContext,
): Dsn | undefined => {
  const { env, findings } = context;
  const at = place.where(place.path);
  return findings.attempt(at, () => {
    const { params, file } = paramsOf(connection, place, context);
    return dsnFromParams(params, { env, service, warn: (message) => findings.warn(at, message) }, file);
  });
};

const fileLogin = (
  role: LoginRole,
  postgres: Dsn | undefined,
  connection: FileConnection,
  place: Place,
  context: TargetContext,
): Dsn | undefined => {
  const at = place.where(place.path);
  return context.findings.attempt(at, () => {
    const { params, file } = paramsOf(connection, place, context);
    return loginDsn(role, postgres, params, context, at, file);
  });
};

const paramsOf = (
  { dsn, database, password_file: passwordFile, ...fields }: FileConnection,
  { path, where }: Place,
  context: TargetContext,
): { params: Params; file: string | undefined } => {
  const given = Object.fromEntries(
    Object.entries({ ...fields, dbname: database }).flatMap(([name, value]) =>
      value == null ? [] : [[name, String(value)]],
    ),
  );
  const params: Params = { ...(dsn ? parseDsnText(dsn) : {}), ...given };
  const file = passwordFile ? checkSecretFile(passwordFile, where([...path, 'password_file']), context) : undefined;
  if (file !== undefined && params.password)
    throw new BadValue(
      'both a password and a password_file',
      'Keep password_file: it can be changed without a restart.',
    );
  return { params, file };
};
