import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where Linux keeps its JDKs, beside the one that `java` means. */
const SYSTEM_JDKS = '/usr/lib/jvm'

/**
 * The folder of a JDK of at least this release: that of `JAVA_HOME`, or the first that the system has.
 *
 * @throws where there is none
 */
export function findJdk(release: number): string {
  const found = existsSync(SYSTEM_JDKS) ? readdirSync(SYSTEM_JDKS).sort() : []
  const homes = [process.env.JAVA_HOME ?? '', ...found.map((name) => path.join(SYSTEM_JDKS, name))]
  const home = homes.find((one) => readRelease(one) >= release)
  if (home === undefined) throw new Error(`There is no JDK ${release} or newer, by JAVA_HOME or in ${SYSTEM_JDKS}.`)
  return home
}

/** 0 for what is no JDK. */
function readRelease(home: string): number {
  const file = path.join(home, 'release')
  if (home === '' || !existsSync(file) || !existsSync(path.join(home, 'bin', 'jar'))) return 0
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
}
