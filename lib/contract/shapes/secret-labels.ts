/** Labels of a connection's secrets in the interface. */
const LABELS: Readonly<Record<string, string>> = {
  token: 'Token',
  searchSecret: 'Secret for search',
  clientSecret: 'Client secret',
  password: 'Password',
  secretAccessKey: 'Secret access key',
  sessionToken: 'Session token',
  storageSecretAccessKey: 'Secret access key of the storage',
  storageSessionToken: 'Session token of the storage',
  storageAccountKey: 'Key of the storage account',
  storageSas: 'Shared access signature',
  storageClientSecret: 'Client secret of the storage',
  storageServiceAccountKey: 'Service account key',
}

const HEADER_PREFIX = 'header:'

/** The label of a secret header is its name; an unknown name is its own label. */
export function secretLabel(name: string): string {
  return name.startsWith(HEADER_PREFIX) ? name.slice(HEADER_PREFIX.length) : (LABELS[name] ?? name)
}
