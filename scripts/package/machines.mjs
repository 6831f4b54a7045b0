// The two machines that packages are made for, under the names that everybody has for them.
export const MACHINES = {
  amd64: { node: 'x64', rpm: 'x86_64', triplet: 'x86_64-linux-gnu' },
  arm64: { node: 'arm64', rpm: 'aarch64', triplet: 'aarch64-linux-gnu' },
}

/** Names of the C tools for a machine: the plain ones for our own. */
export function toolsFor(machine) {
  const { node, triplet } = MACHINES[machine]
  const prefix = node === process.arch ? '' : `${triplet}-`
  const tool = (name) => `${prefix}${name}`
  return { CC: tool('gcc'), LD: tool('ld'), AR: tool('ar'), OBJCOPY: tool('objcopy'), STRIP: tool('strip') }
}
