/** A relation as a statement names it. */
export interface Named {
  readonly schema: string | undefined;
  readonly name: string;
}

const PLAIN = /^[a-z_][a-z0-9_$]*$/;

/** As the statement must have had it: quoted only where PostgreSQL would fold or refuse it. Read by to_regclass(). */
const quoted = (part: string): string => (PLAIN.test(part) ? part : `"${part.replaceAll('"', '""')}"`);

export const written = ({ schema, name }: Named): string =>
  schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
