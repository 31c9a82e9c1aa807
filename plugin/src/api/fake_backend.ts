/** For tests: answers in the place of Grafana's server, and remembers what it was asked. */
import { type BackendSrv, type BackendSrvRequest, setBackendSrv } from '@grafana/runtime';
import { from } from 'rxjs';

/** @returns the data; throws what Grafana's service would. */
export type Answering = (request: BackendSrvRequest) => unknown;

export function fakeBackend(answer: Answering): BackendSrvRequest[] {
  const asked: BackendSrvRequest[] = [];
  const fetch = (request: BackendSrvRequest) => {
    asked.push(request);
    return from(
      (async () => {
        const data = await answer(request);
        return { data, status: 200 };
      })(),
    );
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  return asked;
}

/** As the exporter refuses, through Grafana. */
export const refusal = (status: number, code: string, message = 'no', hint = 'do this') => ({
  status,
  data: { error: { code, message, hint } },
});
