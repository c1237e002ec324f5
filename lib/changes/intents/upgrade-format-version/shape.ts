import { z } from 'zod'
import type { UpgradeFormatVersion } from './words'

export const upgradeFormatVersionShape = z.object({
  kind: z.literal('upgrade-format-version'),
  formatVersion: z.union([z.literal(2), z.literal(3)]),
  base: z.int(),
}) satisfies z.ZodType<UpgradeFormatVersion>
