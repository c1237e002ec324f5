import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runToEnd } from '../processes/run-to-end.ts'

/** A jar as Maven knows it, `group:artifact:version` or `group:artifact:version:classifier`, and what it must be. */
export type Jar = { coordinates: string; sha256: string; extension?: 'zip' | 'tar.gz' }

const REPOSITORY = path.resolve('.cache/interop/maven')
const RESOLVE_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:resolve'
const FETCH_TIMEOUT_MS = 600_000

/**
 * Has Maven fetch what is not here yet into a repository of this folder's own. Maven is asked, not a host, because it
 * knows the machine's mirrors and proxies. Nothing that a jar depends on comes along: the lists name all they need.
 *
 * @param repository another folder, for what is not to be kept
 * @returns the paths, in the order asked
 * @throws where Maven or one of the jars cannot be had, or one is not what it was when its hash was written down
 */
export async function fetchJars(jars: readonly Jar[], repository = REPOSITORY): Promise<string[]> {
  const pathOf = (jar: Jar) => repositoryPath(repository, jar)
  const missing = jars.filter((jar) => !existsSync(pathOf(jar)))
  if (missing.length > 0) await resolveJars(missing, repository)
  for (const jar of jars) {
    const sha256 = await hashFile(pathOf(jar))
    if (sha256 === jar.sha256) continue
    rmSync(pathOf(jar))
    throw new Error(`${jar.coordinates} has the SHA-256 ${sha256}, not ${jar.sha256}; it was taken away again.`)
  }
  return jars.map(pathOf)
}

async function resolveJars(jars: readonly Jar[], repository: string): Promise<void> {
  mkdirSync(repository, { recursive: true })
  const pom = path.join(repository, `fetch-${process.pid}.xml`)
  writeFileSync(pom, renderPom(jars))
  try {
    const args = ['-B', '-q', '--strict-checksums', `-Dmaven.repo.local=${repository}`, '-f', pom, RESOLVE_GOAL]
    await runToEnd('mvn', args, { timeoutMs: FETCH_TIMEOUT_MS })
  } finally {
    rmSync(pom, { force: true })
  }
}

function renderPom(jars: readonly Jar[]): string {
  const dependencies = jars.map((jar) => {
    const { group, artifact, version, classifier } = parseCoordinates(jar)
    const kind = classifier === undefined ? '' : `<classifier>${classifier}</classifier>`
    const type = `<type>${jar.extension ?? 'jar'}</type>`
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${kind}${type}
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lakeshore</groupId><artifactId>interop</artifactId><version>1</version>
  <dependencies>${dependencies.join('\n')}</dependencies>
</project>
`
}

/** Where the layout of a Maven repository has it. */
function repositoryPath(repository: string, jar: Jar): string {
  const { group, artifact, version, classifier } = parseCoordinates(jar)
  const file = `${[artifact, version, ...(classifier === undefined ? [] : [classifier])].join('-')}.${jar.extension ?? 'jar'}`
  return path.join(repository, ...group.split('.'), artifact, version, file)
}

function parseCoordinates({ coordinates }: Jar) {
  const [group, artifact, version, classifier] = coordinates.split(':')
  if (!group || !artifact || !version) throw new Error(`"${coordinates}" are no Maven coordinates.`)
  return { group, artifact, version, classifier }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
