import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { type AppSecrets, type AppSettings, PLUGIN_ID } from '../constants';
import { toFailure } from './failure';

/**
 * Keeps the app's settings in Grafana and enables the app.
 * @param secrets only those that change: Grafana keeps the others.
 * @throws Failure
 */
export async function saveSettings(settings: AppSettings, secrets: AppSecrets): Promise<void> {
  const data = { enabled: true, pinned: true, jsonData: settings, secureJsonData: secrets };
  try {
    await lastValueFrom(
      getBackendSrv().fetch({
        url: `/api/plugins/${PLUGIN_ID}/settings`,
        method: 'POST',
        data,
        showErrorAlert: false,
        showSuccessAlert: false,
      }),
    );
  } catch (error) {
    throw toFailure(error);
  }
}
