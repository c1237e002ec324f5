/**
 * What `install` gives, or null with a message where it cannot be had, so that what it proves is skipped.
 *
 * @throws with `CI=true` instead of giving null: there, a skipped proof is a failure
 */
export async function installOrSkip<T>(name: string, install: () => Promise<T>): Promise<T | null> {
  try {
    return await install()
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    if (process.env.CI === 'true') throw new Error(`${name} could not be had: ${problem}`, { cause: error })
    process.stderr.write(`${name} could not be had, so what it proves is skipped: ${problem}\n`)
    return null
  }
}
