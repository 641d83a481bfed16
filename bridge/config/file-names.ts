/** What a configuration file is called where nobody names one; the first that is there counts. */
export const configNames = ['trapline.config.ts', 'trapline.config.json']
