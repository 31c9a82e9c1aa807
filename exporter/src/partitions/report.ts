/** `pgvigil partitions status`: what the database says, and what of it calls for somebody. */
import type pg from 'pg';

/** A row of pgvigil.partition_report; null is unknown, or not applicable without a policy. Sizes in bytes. */
export interface PartitionReport {
  readonly parent: string;
  readonly step: string | null;
  readonly premake: number | null;
  readonly retention: string | null;
  readonly partitions: number | null;
  readonly detach_pending: number | null;
  readonly expired: number | null;
  readonly oldest_start: string | null;
  readonly newest_end: string | null;
  readonly periods_ahead: number | null;
  /** `Infinity` as a string where a partition has no upper bound. */
  readonly seconds_ahead: number | string | null;
  readonly has_default: boolean;
  readonly default_rows_estimate: number | null;
  readonly default_rows: number | null;
  readonly rows_at_risk: number | null;
  /** Of these, the ones that `create` would move now. */
  readonly rows_due: number | null;
  readonly size_bytes: number | null;
}

export async function readReport(client: pg.Client): Promise<PartitionReport[]> {
  const { rows } = await client.query<{ row: PartitionReport }>(
    'select to_jsonb(r) as row from pgvigil.partition_report() r',
  );
  return rows.map(({ row }) => row);
}

const some = (count: number | null): boolean => count !== null && count > 0;

/** What is wrong with a table and which command cures it; a table without a policy is left to its owner. */
export function todo(report: PartitionReport): string[] {
  const found: string[] = [];
  if (some(report.detach_pending)) found.push('a detach was interrupted: pgvigil partitions detach');
  if (report.step === null) return found;
  if (report.periods_ahead !== null && report.periods_ahead < report.premake!) {
    found.push(`partitions for ${report.premake} ${report.step}s ahead are not there: pgvigil partitions create`);
  }
  if (some(report.rows_due)) {
    found.push(
      `${report.rows_due} rows of the default partition stand in the way of their own: pgvigil partitions create`,
    );
  }
  if (some(report.expired)) found.push(`${report.expired} have expired: pgvigil partitions detach`);
  return found;
}
