/** Installs the runtimes, unless they are there. */
import { installFolder } from '../tools/install-folder.ts'

const log = (words: string): void => console.log(`  runtimes: ${words}`)
await installFolder({ folder: import.meta.dirname, scripts: true, log })
