import type { Answer, Columns } from '../../contract/index.ts';
import { readColumns } from '../../live/columns.ts';
import { readObjects } from '../../live/objects.ts';
import { relationOf } from '../../live/relations.ts';
import { ApiFailure } from '../failure.ts';
import type { Handlers } from '../services.ts';
import { targetOf } from '../targets.ts';

export const objectsHandlers = {
  'GET /api/v1/objects': async ({ query }, _, services): Promise<Answer<'GET /api/v1/objects'>> => {
    const { rows, total } = await readObjects(targetOf(services, query.target), query);
    return {
      items: rows.map((row) => ({
        relation: relationOf(row),
        sizeBytes: row.sizeBytes,
        rows: row.rows,
        table: row.table,
      })),
      total,
      page: query.page,
      pageSize: query.pageSize,
    };
  },

  'GET /api/v1/columns': async ({ query }, _, services): Promise<Columns> => {
    const found = await readColumns(targetOf(services, query.target), query.table, query.database);
    if (found === undefined)
      throw new ApiFailure(
        'not_found',
        `there is no table with the oid ${query.table}`,
        'It may have been dropped, or be in another database: GET /api/v1/objects lists those there are.',
      );
    return {
      relation: relationOf(found.table),
      columns: found.columns,
      indexes: found.indexes.map(({ definition, sizeBytes, scans, valid, ...row }) => ({
        relation: relationOf(row),
        definition,
        sizeBytes,
        scans,
        valid,
      })),
    };
  },
} satisfies Handlers<'GET /api/v1/objects' | 'GET /api/v1/columns'>;
