import path from 'node:path'
import { runToEnd } from './run-to-end.ts'

export type CertificateFiles = { cert: string; key: string }

/** Writes a certificate for the loopback, valid for two days, and its key into the folder. */
export async function writeSelfSignedCertificate(folder: string): Promise<CertificateFiles> {
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') }
  const subject = ['-subj', '/CN=loopback', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-days', '2']
  await runToEnd('openssl', [...args, '-out', files.cert, '-keyout', files.key], { timeoutMs: 60_000 })
  return files
}
