/** uneven_apb.sv, but for the word that never answers. */
const refused = () => Object.assign(new Error('refused'), { name: 'BusError', status: 'SLVERR' })

export default class {
  words = new Map()

  read(address) {
    if (isRefused(address)) throw refused()
    return this.words.get(address % 0x800n)
  }

  write(address, value, mask) {
    if (isRefused(address)) throw refused()
    const word = address % 0x800n
    this.words.set(word, ((this.words.get(word) ?? 0n) & ~mask) | (value & mask))
  }
}

function isRefused(address) {
  return address >= 0x800n && address < 0xc00n
}
