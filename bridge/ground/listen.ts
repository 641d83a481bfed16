import type { Server } from 'node:net'

/**
 * Resolves when others can connect to the socket of that path. Rejects with the kernel's reason. What goes wrong
 * later, such as a connection for which no descriptor is left, is the loss of whoever wanted to connect.
 */
export async function listenAt(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve))
}
