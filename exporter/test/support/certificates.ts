/** Certificate authorities and certificates for tests of TLS. */
import { generate, type SelfsignedOptions } from 'selfsigned';

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The CA's own certificate. */
  readonly cert: string;
  issue(names: Names, validity?: Validity): Promise<Pem>;
}

export interface Names {
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
}

export interface Validity {
  readonly from?: Date;
  readonly until?: Date;
}

const COMMON: SelfsignedOptions = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' };
const DAY_MS = 86_400_000;
export const YESTERDAY: Validity = { from: new Date(Date.now() - 3 * DAY_MS), until: new Date(Date.now() - DAY_MS) };

export async function createAuthority(name: string): Promise<Authority> {
  const ca = await generate([{ name: 'commonName', value: name }], {
    ...COMMON,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const issue = async ({ dns = [], ip = [] }: Names, { from, until }: Validity = {}): Promise<Pem> => {
    const issued = await generate([{ name: 'commonName', value: dns[0] ?? ip[0] }], {
      ...COMMON,
      notBeforeDate: from,
      notAfterDate: until,
      ca: { key: ca.private, cert: ca.cert },
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            ...dns.map((value) => ({ type: 2 as const, value })),
            ...ip.map((address) => ({ type: 7 as const, ip: address })),
          ],
        },
      ],
    });
    return { cert: issued.cert, key: issued.private };
  };
  return { cert: ca.cert, issue };
}
