import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { type Fresh, keptFresh, replacedAtMs } from '@/lib/kept-fresh'
import type { ObjectStore } from '@/server/storage/object-store'
import type { LocationMapping, StorageAccess } from '@/server/storage/storage-access'
import { KeptSignatures } from './kept-signatures'
import { refreshedStore } from './refreshed-store'
import { remoteSigner } from './remote-signer'
import type { Reading, RestSession } from './rest-session'
import type { StorageCredential, Vended } from './vended'
import { expiresAtMs, vendedAccess } from './vended-access'

/** What an answer says about reaching a table's files. */
export type HandedOut = {
  tableLocation: string
  config: Readonly<Record<string, string>>
  credentials: readonly StorageCredential[]
}

export type StorageParts = {
  storage: readonly StorageAccess[]
  mappings: readonly LocationMapping[]
  storeForAll: (accesses: readonly StorageAccess[], mappings: readonly LocationMapping[]) => ObjectStore
  resolve?: Vended['resolve']
}

/** Stores of tables that were loaded a moment ago, so that reading many ranges asks the catalog once. */
const KEPT_MS = 5 * 60_000
const MOST_KEPT = 500

/**
 * The stores of a connection's tables. Without delegation all tables share the connection's own; with it each has one
 * of its own, made of what the catalog handed out and asked for again before it ends. What cannot be used (an address
 * this server may not be sent to) is told when a file is touched: the metadata can be seen all the same.
 *
 * @param ask for what the catalog hands out, anew
 */
export function tableStores(
  session: RestSession,
  parts: StorageParts,
  ask: (ref: TableRef, last: HandedOut | null, asked?: Reading) => Promise<HandedOut>,
) {
  const { storage, mappings, storeForAll, resolve } = parts
  const isDelegated = session.settings.delegation !== 'none'
  const own = storeForAll(storage, mappings)
  const kept = new Map<string, Fresh<ObjectStore>>()
  const signatures = new KeptSignatures(session.nowMs)

  async function made(handedOut: HandedOut): Promise<Fresh<ObjectStore>> {
    const fromMs = session.nowMs()
    const { base, properties } = await session.config()
    const { tableLocation, config, credentials } = handedOut
    const accesses = await vendedAccess({
      tableLocation,
      config: { ...properties, ...config },
      credentials,
      storage,
      catalogUri: session.settings.uri,
      signerOf: (signer) => remoteSigner({ http: session.http, signatures, base }, signer),
      ...(resolve && { resolve }),
    })
    const value = accesses.length === 0 ? own : storeForAll([...accesses, ...storage], mappings)
    return { value, untilMs: replacedAtMs(fromMs, expiresAtMs(accesses)) }
  }

  function storeOf(ref: TableRef, handedOut: HandedOut | null, first: Fresh<ObjectStore> | AppError | null) {
    let current = first instanceof AppError ? first : (first?.value ?? own)
    let last = handedOut
    const fresh = keptFresh(
      async () => {
        last = await ask(ref, last)
        const next = await made(last)
        current = next.value
        return next
      },
      session.nowMs,
      first instanceof AppError ? null : first,
    )
    const store = refreshedStore(
      () => fresh.get(),
      () => {
        if (current instanceof AppError) throw current
        return current
      },
    )
    keep(ref, store)
    return store
  }

  function keep(ref: TableRef, value: ObjectStore): void {
    kept.delete(keyOf(ref))
    kept.set(keyOf(ref), { value, untilMs: session.nowMs() + KEPT_MS })
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  }

  function found(ref: TableRef): ObjectStore | null {
    if (!isDelegated) return own
    const known = kept.get(keyOf(ref))
    return known && session.nowMs() < known.untilMs ? known.value : null
  }

  return {
    /** Of a table that was loaded a moment ago; null where the catalog is to be asked. */
    found,
    /** Of a table that was just loaded. */
    async of(ref: TableRef, handedOut: HandedOut): Promise<ObjectStore> {
      if (!isDelegated) return own
      return storeOf(ref, handedOut, await orRefusal(made(handedOut)))
    },
    /** Of a table whose answer hands out nothing; the catalog is asked when a file is touched. */
    later: (ref: TableRef): ObjectStore => (isDelegated ? storeOf(ref, null, null) : own),
    async open(ref: TableRef, asked: Reading = {}): Promise<ObjectStore> {
      const known = found(ref)
      if (known) return known
      const handedOut = await ask(ref, null, asked)
      return storeOf(ref, handedOut, await orRefusal(made(handedOut)))
    },
    forget(ref: TableRef): void {
      kept.delete(keyOf(ref))
    },
  }
}

export type TableStores = ReturnType<typeof tableStores>

async function orRefusal<T>(work: Promise<T>): Promise<T | AppError> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

function keyOf({ namespace, table }: TableRef): string {
  return JSON.stringify([...namespace, table])
}
