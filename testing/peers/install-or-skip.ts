/**
 * Calls `install`. @returns its result, or null with a warning when it fails, so that tests are skipped
 *
 * @throws with `CI=true` instead of returning null, because a skipped test is a failure there
 */
export async function installOrSkip<T>(name: string, install: () => Promise<T>): Promise<T | null> {
  try {
    return await install()
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    if (process.env.CI === 'true') throw new Error(`${name} is unavailable: ${problem}`, { cause: error })
    process.stderr.write(`${name} is unavailable, so the tests that need it are skipped: ${problem}\n`)
    return null
  }
}
