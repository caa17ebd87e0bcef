import { defineConfig, devices } from '@playwright/test';

const chromium = {
  ...devices['Desktop Chrome'],
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/tests',
  globalSetup: './setup.ts',
  fullyParallel: true,
  // Two browsers keep two cores busy; the tests of the API mostly wait.
  workers: 6,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  // Only a fault takes so long: a machine a third as fast as a desktop’s stays well below.
  timeout: 90_000,
  globalTimeout: 45 * 60_000,
  expect: { timeout: 15_000 },
  // Times are shown in the browser’s zone, whatever the machine’s is.
  use: { timezoneId: 'UTC', actionTimeout: 15_000, navigationTimeout: 30_000, screenshot: 'only-on-failure' },
  projects: [
    { name: 'api', testDir: 'tests/api', workers: 6 },
    { name: 'live', testIgnore: ['plain.spec.ts', 'tests/api/*.spec.ts'], use: chromium, workers: 2 },
    { name: 'plain', testMatch: 'plain.spec.ts', use: { ...chromium, javaScriptEnabled: false }, workers: 1 },
  ],
});
