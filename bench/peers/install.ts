import { installFolder } from '../../tools/install-folder.ts'

/** Installs the peers that the repository itself has no use for, unless they are there. */
export async function installPeers(log: (words: string) => void): Promise<void> {
  const folder = import.meta.dirname
  await installFolder({ folder, scripts: false, log: (words) => log(`peers: ${words}`) })
}
