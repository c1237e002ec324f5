import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { createTestRestCatalog, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { Availability } from './availability'

let nowMs: number
let probeCount: number
let probe: () => Promise<unknown>
let availability: Availability

beforeEach(() => {
  nowMs = 1_700_000_000_000
  probeCount = 0
  probe = () => Promise.reject(new AppError('catalog-unavailable', 'Still nothing.'))
  availability = new Availability({
    probe: () => {
      probeCount += 1
      return probe()
    },
    nowMs: () => nowMs,
    probeWaitMs: 20,
  })
})

const unavailableError = (detail: string, attemptStartedAtMs: number) => ({
  code: 'catalog-unavailable',
  message: detail,
  facts: { attemptStartedAtMs },
})

describe('A catalog that did not answer', () => {
  it('gets no request for a while, and the error says when the last one was', async () => {
    await expect(availability.requireAvailable()).resolves.toBeUndefined()
    availability.recordFailure('Nothing came.', 0)
    nowMs += 4_999
    await expect(availability.requireAvailable()).rejects.toMatchObject(
      unavailableError('Nothing came.', nowMs - 4_999),
    )
    expect(probeCount).toBe(0)
  })

  it('is then probed once for all callers', async () => {
    availability.recordFailure('Nothing came.', 0)
    nowMs += 5_000
    const all = await Promise.allSettled([
      availability.requireAvailable(),
      availability.requireAvailable(),
      availability.requireAvailable(),
    ])
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(probeCount).toBe(1)
    await expect(availability.requireAvailable()).rejects.toMatchObject(unavailableError('Still nothing.', nowMs))
    expect(probeCount).toBe(1)
  })

  it('does not delay callers during a probe, and gets requests again when it is back', async () => {
    availability.recordFailure('Nothing came.', 0)
    nowMs += 5_000
    const { promise, resolve } = Promise.withResolvers<void>()
    probe = () => promise
    await expect(availability.requireAvailable()).rejects.toMatchObject(
      unavailableError('Nothing came.', nowMs - 5_000),
    )
    await expect(availability.requireAvailable()).rejects.toMatchObject(
      unavailableError('Nothing came.', nowMs - 5_000),
    )
    expect(probeCount).toBe(1)
    availability.recordResponse()
    resolve()
    await expect(availability.requireAvailable()).resolves.toBeUndefined()
  })

  it('gets requests at once when it answers the probe quickly, even with a refusal', async () => {
    availability.recordFailure('Nothing came.', 0)
    nowMs += 5_000
    probe = async () => {
      availability.recordResponse()
      throw new AppError('catalog-refused', 'Not you.')
    }
    await expect(availability.requireAvailable()).resolves.toBeUndefined()
    expect(probeCount).toBe(1)
  })

  it('gets a normal request again after five minutes', async () => {
    availability.recordFailure('Nothing came.', 0)
    nowMs += 5 * 60_000
    await expect(availability.requireAvailable()).resolves.toBeUndefined()
    expect(probeCount).toBe(0)
  })

  it('to one caller counts as available when it answered others in the meantime', async () => {
    availability.recordResponse()
    availability.recordFailure('Nothing came.', 0)
    await expect(availability.requireAvailable()).resolves.toBeUndefined()
  })
})

it('A REST catalog counts as available after any response except a server error', async () => {
  const catalog = await RestCatalogStandIn.start()
  catalog.on('GET /v1/namespaces', [{ status: 403 }, { status: 503 }])
  const remote = createTestRestCatalog(catalog.uri)
  const count = () => remote.availability?.responseCount
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'forbidden' })
  expect(count()).toBe(2)
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  await catalog.stop()
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(count()).toBe(2)
  remote.availability?.recordFailure('Nothing came.', 2)
  await expect(remote.availability?.requireAvailable()).rejects.toMatchObject({ code: 'catalog-unavailable' })
})
