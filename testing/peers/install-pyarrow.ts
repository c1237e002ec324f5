import { installPython } from './install-python.ts'

const VERSION = '26.0.1'

/** Installs a Python with PyArrow and fastavro (half a minute on first use), as {@link installPython} does. */
export function installPyarrow(): string | null {
  return installPython({
    name: 'PyArrow',
    version: VERSION,
    packages: [`pyarrow==${VERSION}`, 'fastavro==1.13.1', 'cramjam==2.14.0', 'backports.zstd==1.8.0'],
  })
}
