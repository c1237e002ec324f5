/** Where a query can run. */
export const ENGINE_NAMES = ['browser', 'server'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export const ENGINE_LABELS: Readonly<Record<EngineName, string>> = { browser: 'Browser', server: 'Server' }
