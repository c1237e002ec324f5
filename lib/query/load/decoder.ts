import type { ColumnRequest, DecodedColumns, FooterSummary, LoadableFile } from './decode-messages'

/** Reads data files for a query session: in a worker of the browser, or in the process of a query. */
export type Decoder = {
  /** Prepares for the first request. */
  start(): void
  /** @throws {AppError} file-missing, file-damaged, not-supported, token-expired, cancelled */
  readFooter(file: LoadableFile, signal: AbortSignal): Promise<FooterSummary>
  /** The number of rows of each row group that are not deleted. @throws {AppError} as {@link readFooter} */
  countRows(file: LoadableFile, signal: AbortSignal): Promise<{ rowCounts: readonly number[]; readBytes: number }>
  /**
   * The columns `fields` of some row groups as an Arrow IPC stream.
   *
   * @throws {AppError} as {@link readFooter}
   */
  decodeColumns(file: LoadableFile, selection: ColumnRequest, signal: AbortSignal): Promise<DecodedColumns>
}
