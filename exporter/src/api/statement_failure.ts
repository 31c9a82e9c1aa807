import { StatementRefusal } from '../statements/refusal.ts';
import { ApiFailure } from './failure.ts';

/** @throws ApiFailure for what `work` refuses. */
export async function ofStatements<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StatementRefusal ? new ApiFailure(error.code, error.message, error.hint) : error;
  }
}
