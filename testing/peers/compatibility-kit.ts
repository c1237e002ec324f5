import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { COMPATIBILITY_KIT } from './jars.ts'
import { fetchJars } from './maven.ts'
import { runToEnd } from '../processes/run-to-end.ts'

export type KitTarget = {
  /** The catalog's URL, to which the kit adds `/v1/…`. */
  uri: string
  /** Sent to `/v1/config`; without it the server chooses. */
  warehouse?: string
  /** A bearer token. */
  token?: string
  /** Switches of the kit (`rck.…`) that differ from their default. */
  switches?: Record<string, boolean>
}

/** The outcome of every test, by its name, `Class.method`. */
export type KitReport = {
  passed: string[]
  failed: { name: string; message: string }[]
  /** Skipped by the kit itself, with its reason. */
  left: { name: string; message: string }[]
}

/** The file for the summary of a run against the product. */
export const KIT_SUMMARY = '.cache/interop/compatibility-kit.txt'

const SUITES = ['RESTCompatibilityKitCatalogTests', 'RESTCompatibilityKitViewCatalogTests'].map(
  (name) => `org.apache.iceberg.rest.${name}`,
)
/**
 * The folders where the kit's tests request their tables, and where a catalog with the warehouse `/tmp` puts the
 * others.
 */
const KIT_FOLDERS = ['a', 'newdb', 'ns', 'ns1', 'ns2', 'ns_1', 'ns_2'].map((namespace) => `/tmp/${namespace}`)
const KIT_TIMEOUT_MS = 600_000
const SOME_TESTS_FAILED = 1

/** The defaults of Iceberg's build, which does not run here. */
const SWITCHES = {
  'rck.local': false,
  'rck.requires-namespace-create': true,
  'rck.supports-serverside-retry': true,
  'rck.overrides-requested-location': false,
  'rck.supports-names-with-dot': false,
  'rck.purge-test-namespaces': true,
}

/** Runs Iceberg's REST compatibility kit against a catalog that has none of its namespaces (`ns`, `newdb`, …). */
export async function runCompatibilityKit({ uri, warehouse, token, switches }: KitTarget): Promise<KitReport> {
  const jars = await fetchJars(COMPATIBILITY_KIT)
  const folders = KIT_FOLDERS.filter((folder) => !existsSync(folder))
  const reports = mkdtempSync(path.join(tmpdir(), 'compatibility-kit-'))
  const properties = { uri, ...(warehouse !== undefined && { warehouse }), ...SWITCHES, ...switches }
  try {
    await runToEnd(
      'java',
      [
        '-Xmx1g',
        '-XX:TieredStopAtLevel=1',
        ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
        '-cp',
        jars.join(path.delimiter),
        'org.junit.platform.console.ConsoleLauncher',
        'execute',
        ...SUITES.map((suite) => `--select-class=${suite}`),
        '--disable-banner',
        '--details=none',
        `--reports-dir=${reports}`,
      ],
      {
        timeoutMs: KIT_TIMEOUT_MS,
        okCodes: [0, SOME_TESTS_FAILED],
        // Not among the arguments, which every process of the machine can read.
        env: token === undefined ? {} : { CATALOG_TOKEN: token },
      },
    )
    return readReport(readFileSync(path.join(reports, 'TEST-junit-jupiter.xml'), 'utf8'))
  } finally {
    for (const folder of [reports, ...folders]) rmSync(folder, { recursive: true, force: true })
  }
}

/** One line for people, about all servers together. */
export function summarize(byServer: ReadonlyMap<string, KitReport>): string {
  const reports = [...byServer.values()]
  const count = (kind: keyof KitReport) => reports.reduce((sum, report) => sum + report[kind].length, 0)
  const skippedNote = count('left') > 0 ? `, ${count('left')} skipped by the kit` : ''
  const run = `${count('passed')} of ${count('passed') + count('failed')}`
  return `REST compatibility kit on ${[...byServer.keys()].join(' and ')}: ${run}${skippedNote}`
}

type Outcome = string | { '#text'?: string; message?: string }
type Case = { name: string; classname: string; failure?: Outcome; error?: Outcome; skipped?: Outcome }

function readReport(xml: string): KitReport {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    // Line ends in an attribute are numeric entities.
    htmlEntities: true,
    isArray: (name) => name === 'testcase',
  })
  const { testsuite } = parser.parse(xml) as { testsuite: { testcase?: Case[] } }
  const report: KitReport = { passed: [], failed: [], left: [] }
  for (const { name: method, classname, failure, error, skipped } of testsuite.testcase ?? []) {
    const name = `${classname.split('.').at(-1)}.${method}`
    const problem = failure ?? error
    if (problem !== undefined) report.failed.push({ name, message: messageOf(problem) })
    else if (skipped !== undefined) report.left.push({ name, message: messageOf(skipped) })
    else report.passed.push(name)
  }
  return report
}

/** The first lines of the outcome, without the stack trace. */
function messageOf(outcome: Outcome): string {
  const text = typeof outcome === 'string' ? outcome : (outcome.message ?? outcome['#text'] ?? '')
  return text.split('\n\tat ')[0]?.trim() ?? ''
}
