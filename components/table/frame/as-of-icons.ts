import { IconClock, IconGitBranch, IconPointFilled, IconTag } from '@tabler/icons-react'

export type AsOfKind = keyof typeof AS_OF_ICONS

export const AS_OF_ICONS = { now: IconClock, branch: IconGitBranch, tag: IconTag, snapshot: IconPointFilled }
