/**
 * Descriptions of a table, a view, a namespace or a column, and whether it may be dropped: properties with agreed keys.
 * `comment` and `owner` are those of Spark, Trino and Hive. See `docs/decisions/059-about-and-protection.md`.
 */

export const BADGES = ['certified', 'deprecated'] as const
export type Badge = (typeof BADGES)[number]

export type About = {
  description: string | null
  owner: string | null
  /** Each once, in their order. */
  tags: readonly string[]
  badge: Badge | null
  /** Why it has the badge, or what to use in its place. Null without a badge. */
  badgeReason: string | null
}

export const PROTECTED_PROPERTY = 'lakeshore.protected'

type AboutKeys = Readonly<Record<keyof About, string>>

/** The keys for a table, a view or a namespace. */
export const ABOUT_KEYS: AboutKeys = {
  description: 'comment',
  owner: 'owner',
  tags: 'lakeshore.tags',
  badge: 'lakeshore.badge',
  badgeReason: 'lakeshore.badge-reason',
}

export const MAX_TAGS = 20
export const MAX_TAG_CHARS = 60

type Properties = Readonly<Record<string, string>>

/** A value that is not valid counts as not set; of too many tags the first ones count. */
export function readAbout(properties: Properties): About {
  const text = (key: string) => properties[key]?.trim() || null
  const badge = parseBadge(properties[ABOUT_KEYS.badge])
  return {
    description: text(ABOUT_KEYS.description),
    owner: text(ABOUT_KEYS.owner),
    tags: parseTags(properties[ABOUT_KEYS.tags] ?? ''),
    badge,
    badgeReason: badge && text(ABOUT_KEYS.badgeReason),
  }
}

/** The properties that say the same; null: not set. */
export function aboutProperties(about: About): ReadonlyMap<string, string | null> {
  const text = (value: string | null) => value?.trim() || null
  return new Map([
    [ABOUT_KEYS.description, text(about.description)],
    [ABOUT_KEYS.owner, text(about.owner)],
    [ABOUT_KEYS.tags, about.tags.join(', ') || null],
    [ABOUT_KEYS.badge, about.badge],
    [ABOUT_KEYS.badgeReason, about.badge && text(about.badgeReason)],
  ])
}

/** Why a text is not a list of tags, in words for people; null if it is. */
export function tagsProblem(text: string): string | null {
  const tags = splitTags(text)
  if (tags.length > MAX_TAGS) return `should have at most ${MAX_TAGS} tags`
  return tags.some((tag) => !isTag(tag)) ? `should have visible tags of at most ${MAX_TAG_CHARS} characters` : null
}

export function isProtected(properties: Properties): boolean {
  return properties[PROTECTED_PROPERTY]?.trim().toLowerCase() === 'true'
}

/** Null for any other text than a badge. */
export function parseBadge(text: string | undefined): Badge | null {
  return BADGES.find((known) => known === text?.trim()) ?? null
}

/** With too many tags, returns the first ones. */
export function parseTags(text: string): string[] {
  return splitTags(text).filter(isTag).slice(0, MAX_TAGS)
}

function splitTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

function isTag(tag: string): boolean {
  return tag.length <= MAX_TAG_CHARS && !/\p{C}/u.test(tag)
}
