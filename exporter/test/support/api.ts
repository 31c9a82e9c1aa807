/** The API, every answer checked against the OpenAPI that the same exporter serves. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Answer, ApiErrorBody, Call, EndpointKey } from '../../src/contract/index.ts';
import { type ApiSecrets, type CallOptions, headersOf, send } from './caller.ts';
import { startExporter, type TestExporter, type TestExporterOptions } from './exporter.ts';

export interface Secrets extends ApiSecrets {
  readonly readFile: string;
  readonly writeFile: string;
  remove(): void;
}

export interface ApiExporter extends TestExporter {
  readonly secrets: Secrets;
}

export interface ApiAnswer<K extends EndpointKey> {
  readonly status: number;
  readonly headers: Headers;
  /** Where `status` is 200. */
  readonly body: Answer<K>;
  /** Where it is not. */
  readonly error: ApiErrorBody['error'] | undefined;
  readonly text: string;
}

export function makeSecrets(): Secrets {
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-secrets-'));
  const [read, write] = ['read', 'write'].map((name) => {
    const secret = randomBytes(24).toString('base64url');
    writeFileSync(join(directory, name), `${secret}\n`, { mode: 0o600 });
    return secret;
  });
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  return { read, write, readFile: join(directory, 'read'), writeFile: join(directory, 'write'), remove };
}

/** The exporter with both secrets. @throws as startExporter */
export async function startApi(options: TestExporterOptions = {}): Promise<ApiExporter> {
  const secrets = makeSecrets();
  const args = [`--api.read-secret-file=${secrets.readFile}`, `--api.write-secret-file=${secrets.writeFile}`];
  const exporter = await startExporter({ ...options, args: [...args, ...(options.args ?? [])] });
  const stop = async (): Promise<void> => {
    await exporter.stop();
    secrets.remove();
  };
  return { ...exporter, secrets, stop };
}

type Values = Readonly<Record<string, unknown>>;

/** What the endpoint takes, without what it does not. */
export type Given<K extends EndpointKey> = Partial<Call<K>> & CallOptions;

/** @throws Error when the answer is not what the exporter's own OpenAPI promises. */
export async function call<K extends EndpointKey>(
  exporter: ApiExporter,
  key: K,
  given: Given<K> = {} as Given<K>,
): Promise<ApiAnswer<K>> {
  const [method, path] = key.split(' ');
  const { params, query, body } = given as { params?: Values; query?: Values; body?: unknown };
  const url = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params?.[name])));
  const answer = await send(exporter, method, `${url}${queryString(query)}`, {
    headers: headersOf(exporter, method, given),
    body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
  });
  await validate(exporter, key, answer.status, answer.json);
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.json as Answer<K>,
    error: answer.status === 200 ? undefined : (answer.json as ApiErrorBody).error,
    text: answer.text,
  };
}

function queryString(query: Values = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString()}`;
}

const validators = new Map<string, Promise<Ajv2020>>();

/** @throws Error naming what is not as promised. */
export async function validate(exporter: ApiExporter, key: EndpointKey, status: number, json: unknown): Promise<void> {
  const ajv = await openApiOf(exporter.url);
  const [method, path] = key.split(' ');
  const template = path.replace(/:(\w+)/g, '{$1}').replaceAll('/', '~1');
  const where = `api#/paths/${template}/${method.toLowerCase()}/responses/${status === 200 ? 200 : 'default'}`;
  const check = compiled(ajv, `${where}/content/application~1json/schema`);
  if (check(json)) return;
  const problems = (check.errors ?? []).slice(0, 5).map((error) => `${error.instancePath} ${error.message}`);
  throw new Error(
    `${key} ${status} is not as its OpenAPI says: ${problems.join('; ')}\n${JSON.stringify(json).slice(0, 2000)}`,
  );
}

function compiled(ajv: Ajv2020, ref: string): ValidateFunction {
  return ajv.getSchema(ref) ?? ajv.compile({ $ref: ref });
}

function openApiOf(url: string): Promise<Ajv2020> {
  if (!validators.has(url))
    validators.set(
      url,
      fetch(`${url}/openapi.json`)
        .then((response) => response.json())
        .then((document) => {
          const ajv = new Ajv2020({ strict: false, allErrors: true });
          formats.default(ajv);
          ajv.addSchema(document as object, 'api');
          return ajv;
        }),
    );
  return validators.get(url)!;
}
