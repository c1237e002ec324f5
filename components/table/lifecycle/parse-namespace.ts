import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'

/** A known namespace by its label, because its levels may contain dots; otherwise the text, divided at its dots. */
export function parseNamespace(text: string, known: readonly Namespace[]): Namespace {
  return known.find((one) => namespaceLabel(one) === text) ?? text.trim().split('.')
}
