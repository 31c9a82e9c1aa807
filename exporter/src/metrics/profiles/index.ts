import type { CompatProfile } from '../../config/types.ts';
import type { Profile } from './types.ts';
import { v0_11 } from './v0_11.ts';
import { v0_20 } from './v0_20.ts';

export const profiles: Readonly<Record<CompatProfile, Profile>> = { '0.20': v0_20, '0.11': v0_11 };
