import { AppError } from './errors'

/**
 * Loads code that a request turned out to need, where the failure of the request is shown with its retry. A control
 * that the user has opened waits instead (`loadCode`).
 *
 * @throws {AppError} server-unreachable when the code cannot be loaded
 */
export function importCode<Code>(load: () => Promise<Code>): Promise<Code> {
  return load().catch((cause: unknown) => {
    throw new AppError('server-unreachable', 'The server did not respond.', { cause })
  })
}
