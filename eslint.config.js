import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** The exporter and all that runs on Node; the plugin; the preview's page. */
const PROJECTS = [
  './tsconfig.json',
  './plugin/tsconfig.json',
  './plugin/preview/host/tsconfig.json',
  './plugin/e2e/tsconfig.json',
];

export default tseslint.config(
  // plugin/.config is create-plugin's, kept as generated.
  { ignores: ['**/node_modules', '**/dist', 'coverage', 'plugin/.config'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: PROJECTS, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Express takes async handlers, signal handlers may be async: both see to their own errors.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
  {
    files: ['plugin/src/**/*.{ts,tsx}', 'plugin/preview/host/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    // Grafana's service throws plain objects, and so do tests in its place.
    files: ['plugin/src/**/*.test.{ts,tsx}'],
    rules: { '@typescript-eslint/only-throw-error': 'off' },
  },
  {
    // create-plugin's tooling is CommonJS.
    files: ['plugin/*.js'],
    languageOptions: { globals: { require: 'readonly', module: 'writable', HTMLCanvasElement: 'readonly' } },
  },
  prettier,
);
