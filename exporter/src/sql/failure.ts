/** Why a file could not be applied: where in the file, what the server said, and what to do about it. */
import type pg from 'pg';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import type { SqlFile } from './bundles.ts';
import type { InstallerSession } from './session.ts';
import { lineAt, statementLines } from './statements.ts';

/** @param finished statements of the file that ended well before. */
export function fileFailure(
  file: SqlFile,
  error: unknown,
  finished: number,
  session: InstallerSession,
): DatabaseFailure {
  const { position, detail, hint, where } = error as Partial<pg.DatabaseError>;
  const { reason, message, fatal, sqlState } = describeFailure(error);
  const line = position === undefined ? statementLines(file.text)[finished] : lineAt(file.text, Number(position) - 1);
  const rule = CURES.find(({ when }) => when.test(`${sqlState} ${message}`));
  // The server's hints are for whoever wrote the statement; the files' own are for whoever reads this.
  const cure = rule?.cure(session) ?? hint ?? (sqlState === '42501' ? LACKS_A_RIGHT : undefined);
  const lines = [
    `${file.name}${line === undefined ? '' : `, line ${line}`}: ${message}`,
    detail && `Detail: ${detail}`,
    // The innermost function is enough.
    where && `Where: ${where.split('\n')[0]}`,
    cure && `Cure: ${cure}`,
    'Nothing of this file was applied; the files before it stay. Install again when that is cured.',
  ];
  return new DatabaseFailure(reason, lines.filter(Boolean).join('\n  '), { fatal, cause: error, sqlState });
}

interface Cure {
  /** Against `SQLSTATE message`. */
  readonly when: RegExp;
  cure(session: InstallerSession): string;
}

const CURES: readonly Cure[] = [
  {
    when: /^42501 permission denied for database/,
    cure: ({ user, database }) => `as the owner of the database: grant create on database ${database} to ${user};`,
  },
  {
    when: /^42501 permission denied to create extension/,
    cure: () => 'have a superuser run that create extension once in this database; then install again.',
  },
  {
    when: /^42501 must be owner of|^42501 permission denied for (schema|table|function|relation|view|materialized)/,
    cure: ({ user }) =>
      `it was installed by another role: install as that role, as a superuser, or make ${user} a member of it.`,
  },
  {
    when: /^(0A000 extension|58P01 could not open extension control file|58P01 could not access file)/,
    cure: () => "install PostgreSQL's contrib package on the server (postgresql-contrib); no restart is needed.",
  },
  {
    when: /^42P13 cannot change|^42P16 cannot (change|drop columns)/,
    cure: () => 'this version changed its results: pgvigil sql uninstall, then install.',
  },
  {
    when: /^2BP01/,
    cure: () => 'something of yours depends on an object that has to change: drop it, install, create it again.',
  },
  { when: /^53100/, cure: () => 'the server has no space left on its disk.' },
  { when: /^57014/, cure: () => 'somebody cancelled it.' },
  { when: /^25006/, cure: () => 'the session may only read: connect to the primary.' },
];

const LACKS_A_RIGHT = 'install as the owner of the database, or as a superuser.';
