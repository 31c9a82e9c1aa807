/** What has been recorded of the faults: the tests are made of that, and of nothing else. */
import { fleets } from '../faults/fleets.ts';
import { faults } from '../faults/index.ts';
import type { Fault, Fleet } from '../faults/types.ts';
import { keyOf } from './cases.ts';
import { recordedNames } from './recording.ts';
import type { Alert } from './rules.ts';

const recorded = new Set(recordedNames());

export const recordedFaults = (area: string): Fault[] => (faults[area] ?? []).filter(({ name }) => recorded.has(name));

export const recordedFleets = (): Fleet[] => fleets.filter(({ name }) => recorded.has(name));

/** Whether a recorded fault raises it. */
export const isProven = (alert: Alert): boolean =>
  recordedFaults(alert.area).some(({ fires }) => fires.some((firing) => keyOf(firing) === keyOf(alert)));

/** Areas of which something is recorded. */
export const provenAreas = (): string[] => Object.keys(faults).filter((area) => recordedFaults(area).length > 0);
