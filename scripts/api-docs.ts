import { z } from 'zod'
import type { NamedEndpoint } from './contract-endpoints.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** `docs/api.md`: every endpoint with its permission and its shapes, as they are on the wire. */
export function apiDocs(endpoints: readonly NamedEndpoint[]): string {
  const files = Map.groupBy(endpoints, ({ file }) => file)
  const sections = [...files].map(([file, named]) =>
    [`## ${file.replace('.ts', '')}`, ...named.map(section)].join('\n\n'),
  )
  return `${[HEAD, ...sections].join('\n\n')}\n`
}

const HEAD = `# HTTP API

Generated from \`lib/contract\`; renew it with \`npx vitest run --project unit scripts/api-docs.test.ts -u\`.

Every request needs a session's cookie. A change is refused when another site asks for it, and its body is
\`application/json\`. Namespaces travel as their levels joined by U+001F. A failure is \`application/problem+json\`
(RFC 9457) with \`code\`, \`facts\` and \`requestId\`; the codes are in \`lib/errors.ts\`.`

function section({ name, endpoint }: NamedEndpoint): string {
  const lines = [
    `### ${name}`,
    `\`${endpoint.method} ${endpoint.path}\` · ${endpoint.permission === 'signed-in' ? 'anybody signed in' : `\`${endpoint.permission}\``}`,
  ]
  const input = z.toJSONSchema(endpoint.input, { io: 'input' })
  if (Object.keys(input.properties ?? {}).length > 0) lines.push('Takes', block(input))
  if (endpoint.output === 'bytes') lines.push('Answers bytes, whole or one range.')
  else if (endpoint.output === 'events') lines.push('Answers server-sent events, until the session ends.')
  else lines.push('Answers', block(z.toJSONSchema(endpoint.output, { io: 'input' })))
  return lines.join('\n\n')
}

function block(schema: JsonSchema): string {
  const shape = JSON.stringify({ ...schema, $schema: undefined }, null, 2)
  return `\`\`\`json\n${shape}\n\`\`\``
}
