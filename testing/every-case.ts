/**
 * The cases of a test: all of them in the part `exhaustive`, which runs the file again by a file
 * `x.exhaustive.test.ts` that imports it, and otherwise those that represent them.
 */
export function everyCase<T>(all: T, representative: T): T {
  return process.env.LAKESHORE_TEST_EVERY_CASE === 'true' ? all : representative
}
