import type { LoadableFile } from './decode-messages'

/** The files of a table in the order of its rows, found as they are needed. */
export type TableFiles = {
  /** From the first file on. @throws {AppError} as a request for the next files does */
  list(signal: AbortSignal): AsyncIterable<LoadableFile>
  /** The files at these positions, in their order. */
  at(indexes: readonly number[], signal: AbortSignal): Promise<readonly LoadableFile[]>
}

/** Files that are all known. */
export function knownFiles(files: readonly LoadableFile[]): TableFiles {
  return {
    list: () => toAsync(files),
    at: async (indexes) => indexes.flatMap((index) => files[index] ?? []),
  }
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items
}
