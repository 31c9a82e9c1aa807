/** The API as OpenAPI 3.1, made from the contract's table: what is not in the table does not exist. */
import { z } from 'zod';
import * as contract from '../contract/index.ts';
import { CONTEXT_HEADER, SECRET_HEADER } from './auth.ts';

type Json = Record<string, unknown>;

export function openApi(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [key, endpoint] of Object.entries<contract.Endpoint>(contract.endpoints)) {
    const [method, path] = key.split(' ');
    const template = path.replace(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(key, endpoint) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'pgvigil',
      version,
      description: `Times are ISO 8601 in UTC, durations seconds, sizes bytes, ratios 0 to 1; null is "could not be known". GET needs the read secret, everything else the write secret.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ secret: [] }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        secret: {
          type: 'apiKey',
          in: 'header',
          name: SECRET_HEADER,
          description: `The content of the read or the write secret's file. With it, ${CONTEXT_HEADER} says who asks.`,
        },
      },
    },
  };
}

function operation(key: string, { summary, role, params, query, body, response }: contract.Endpoint): Json {
  const isAction = role === 'action';
  return {
    operationId: operationId(key),
    summary,
    description: `Role: ${isAction ? 'that of the action' : role}.`,
    'x-role': role,
    parameters: [...parameters('path', params), ...parameters('query', query)],
    ...(body !== undefined && {
      requestBody: { required: true, content: json(inputSchema(body)) },
    }),
    responses: {
      200: { description: 'What was asked for', content: json(refTo(response)) },
      default: { description: 'What is wrong, and the cure', content: json(refTo(contract.apiError)) },
    },
  };
}

/** `GET /api/v1/jobs/:id` → `get_jobs_id`. */
const operationId = (key: string): string =>
  key
    .replace('/api/v1/', '')
    .replace(/[^a-zA-Z]+/g, '_')
    .toLowerCase();

const json = (schema: Json): Json => ({ 'application/json': { schema } });

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = inputSchema(schema) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function inputSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** The contract's exported schemas by their names, so that recursive ones have something to refer to. */
const named = new Map<z.ZodType, string>(
  Object.entries(contract).flatMap(([name, value]) => (value instanceof z.ZodType ? [[value, name] as const] : [])),
);

const refTo = (schema: z.ZodType): Json => ({ $ref: `#/components/schemas/${named.get(schema)}` });

function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
