import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where Linux distributions install JDKs, in addition to the one that `java` runs. */
const SYSTEM_JDKS = '/usr/lib/jvm'

/**
 * Finds a JDK of at least this release: that of `JAVA_HOME`, or the first one of the system.
 *
 * @returns its folder
 * @throws without one
 */
export function findJdk(release: number): string {
  const found = existsSync(SYSTEM_JDKS) ? readdirSync(SYSTEM_JDKS).sort() : []
  const homes = [process.env.JAVA_HOME ?? '', ...found.map((name) => path.join(SYSTEM_JDKS, name))]
  const home = homes.find((one) => readRelease(one) >= release)
  if (home === undefined)
    throw new Error(
      `There is no JDK ${release} or newer at JAVA_HOME or in ${SYSTEM_JDKS}. Install one or set JAVA_HOME.`,
    )
  return home
}

/** The release of the JDK in a folder, or 0. */
function readRelease(home: string): number {
  const file = path.join(home, 'release')
  if (home === '' || !existsSync(file) || !existsSync(path.join(home, 'bin', 'jar'))) return 0
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
}
