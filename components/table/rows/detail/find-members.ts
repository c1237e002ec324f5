import { childKeyOf, MAX_LEVELS } from './use-value-tree'
import { hasMembers, type Member, memberText, toMembers } from './value-members'

/** More members are not searched, because the page waits for the search. */
const MAX_SEARCHED = 50_000
const MAX_FOUND = 1_000

/** The keys of the matching members in the order of the tree; `isTruncated`: there may be more. */
export type FoundMembers = { keys: readonly string[]; isTruncated: boolean }

/** Members with the query in their names or in the texts of their values, in either case. */
export function findMembers(
  root: Omit<Member, 'name'>,
  query: string,
  timeZone: string,
  { maxSearched = MAX_SEARCHED, maxFound = MAX_FOUND } = {},
): FoundMembers {
  const needle = query.toLowerCase()
  const keys: string[] = []
  let searchedCount = 0
  let isTruncated = false
  const visit = (parent: Omit<Member, 'name'>, parentKey: string, level: number) => {
    for (const [i, member] of toMembers(parent, timeZone).entries()) {
      if (searchedCount >= maxSearched || keys.length >= maxFound) {
        isTruncated = true
        return
      }
      searchedCount += 1
      const key = childKeyOf(parentKey, i)
      const canOpen = hasMembers(member)
      if (
        member.name.toLowerCase().includes(needle) ||
        (!canOpen && memberText(member, timeZone).toLowerCase().includes(needle))
      )
        keys.push(key)
      if (!canOpen) continue
      if (level + 1 < MAX_LEVELS) visit(member, key, level + 1)
      else isTruncated = true
    }
  }
  visit(root, '', 0)
  return { keys, isTruncated }
}
