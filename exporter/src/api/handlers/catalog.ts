import type { Catalog } from '../../contract/index.ts';
import { metricsOf } from '../../metrics/compile.ts';
import type { Handlers } from '../services.ts';

export const catalogHandlers = {
  'GET /api/v1/catalog': (_, __, { collectors }): Catalog => ({
    collectors: collectors.map(({ name, scope, background, labels, columns }) => ({
      name,
      scope,
      background: background !== undefined,
      metrics: Object.values(columns)
        .flatMap(metricsOf)
        .map((metric) => ({
          name: metric.name,
          type: metric.type,
          help: metric.help,
          labels: [...(metric.labels ?? labels)],
        })),
    })),
  }),
} satisfies Handlers<'GET /api/v1/catalog'>;
