import 'server-only'
import { PartMemory } from '@/server/uploads/part-memory'
import { Refusals } from '@/server/auth/refusals'
import { Keys } from '@/server/auth/keys'
import { IdentityProvider } from '@/server/auth/oidc/identity-provider'
import { Passwords } from '@/server/auth/sign-in/passwords'
import { TokenUses } from '@/server/auth/tokens/token-uses'
import { Catalogs } from '@/server/catalog/catalogs'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import type { Config } from '@/server/config/config'
import { openDatabase } from '@/server/db/open-database'
import type { StartWriterThread } from '@/server/db/sqlite/start-writer-thread'
import {
  createEventSlots,
  createFileSearchSlots,
  createPreviewSlots,
  createQuerySlots,
  createRowSlots,
  createUploadSlots,
} from '@/server/timing/stream-slots'
import { createResponsePool } from '@/server/http-out/memory-pool'
import { createSqlEngine } from '@/server/engines/create-sql-engine'
import {
  createRunPreviewInChild,
  createRunStageInChild,
  type RunPreview,
  type RunStage,
} from '@/server/ingest/run/run-child'
import { RunWatch } from '@/server/jobs/run-watch'
import { createLog, type Log } from '@/server/log'
import { FileColumnsCache } from '@/server/metrics/columns/file-columns-cache'
import { NamedTablesCache } from '@/server/query/named-tables'
import { ViewTextsCache } from '@/server/query/view-texts'
import type { Services } from '@/server/services'
import { Stores } from '@/server/storage/stores'
import { ClientUses } from '@/server/table/client-uses'
import { ReferenceCache } from '@/server/table/objects/file-references'
import { ManifestCache } from '@/server/table/manifest-cache'
import { type StartRowThread, startRowThread } from '@/server/table/rows/start-row-thread'
import { ScanTables } from '@/server/table/scan/scan-tables'

type ServiceOverrides = {
  log?: Log
  stopping?: AbortSignal
  buildId?: string | null
  startRowThread?: StartRowThread
  startWriterThread?: StartWriterThread
  passwords?: Passwords
  createSqlEngine?: typeof createSqlEngine
  runStage?: RunStage
  runPreview?: RunPreview
}

/**
 * Creates the services of a program, which share nothing with those of another program in the process. The database is
 * opened when it is first used; the caller closes it.
 *
 * @param overrides services that replace those built from the settings
 */
export function createServices(config: Config, overrides: ServiceOverrides = {}): Services {
  const { log = createLog(config.logLevel), stopping = new AbortController().signal } = overrides
  const { startRowThread: startThread = startRowThread, createSqlEngine: createEngine = createSqlEngine } = overrides
  const database = openDatabase(config, log, overrides.startWriterThread)
  const stores = new Stores(config, log)
  const metadataFiles = new MetadataFiles()
  const responsePool = createResponsePool()
  return {
    config,
    log,
    database,
    stores,
    catalogs: new Catalogs({ config, log, database, stores, metadataFiles, responsePool }),
    keys: new Keys(config),
    passwords: overrides.passwords ?? new Passwords(),
    tokenUses: new TokenUses({ database, log }),
    identityProvider: config.oidc && new IdentityProvider(config.oidc, { config, log }),
    refusals: new Refusals({ database, log }),
    runWatch: new RunWatch({ database, log }),
    runStage: overrides.runStage ?? createRunStageInChild(),
    runPreview: overrides.runPreview ?? createRunPreviewInChild(),
    eventStreams: createEventSlots(),
    rowStreams: createRowSlots(),
    startRowThread: startThread,
    queryRuns: createQuerySlots(config.queries.processes),
    previews: createPreviewSlots(),
    fileSearches: createFileSearchSlots(),
    uploadStreams: createUploadSlots(),
    uploadMemory: new PartMemory(),
    sqlEngine: createEngine(config),
    namedTables: new NamedTablesCache(),
    viewTexts: new ViewTextsCache(),
    metadataFiles,
    responsePool,
    clientUses: new ClientUses({ database, log }),
    manifestCache: new ManifestCache(),
    referenceCache: new ReferenceCache(),
    scanTables: new ScanTables(),
    fileColumns: new FileColumnsCache(),
    buildId: overrides.buildId ?? null,
    stopping,
  }
}
