// What the linter holds us to: the strict rules of typescript-eslint, with types where they pay.
import tseslint from 'typescript-eslint'

export default tseslint.config({ ignores: ['build/', 'node_modules/'] }, ...tseslint.configs.strict, {
  files: ['bridge/**/*.ts'],
  languageOptions: { parserOptions: { project: './tsconfig.json' } },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    // Both hold signals weakly, and may never abort (bridge/ground/interruption.ts).
    'no-restricted-properties': [
      'error',
      ...['any', 'timeout'].map((property) => ({ object: 'AbortSignal', property, message: 'Use abortAfter.' })),
    ],
  },
})
