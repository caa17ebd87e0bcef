// A browser application on an origin of its own, whose people have their accounts and keys in
// Latchkey: written for the published SDK, and as small as such an application can be.

import { StackClientApp } from 'sdk-new';

const settings = new URLSearchParams(location.search);
const app = new StackClientApp({
  baseUrl: settings.get('api')!,
  projectId: settings.get('project')!,
  publishableClientKey: settings.get('key')!,
  tokenStore: 'cookie',
  redirectMethod: 'none',
});

const find = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
const say = (text: string) => (find('[role=status]').textContent = text);

async function show(): Promise<void> {
  const user = await app.getUser();
  find('#door').hidden = user !== null;
  find('#inside').hidden = user === null;
  const rows = (await user?.listApiKeys())?.map((key) => {
    const row = document.createElement('li');
    row.append(`${key.description} …${key.value.lastFour} ${key.whyInvalid() ?? 'valid'} `);
    if (key.isValid()) {
      const button = document.createElement('button');
      button.append(`Revoke ${key.description}`);
      button.onclick = () => key.revoke().then(show);
      row.append(button);
    }
    return row;
  });
  find('ul').replaceChildren(...(rows ?? []));
  say(user ? `Signed in as ${user.primaryEmail}` : 'Signed out');
}

find<HTMLFormElement>('#door').onsubmit = async (event) => {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement, event.submitter);
  const account = { email: form.get('email') as string, password: form.get('password') as string, noRedirect: true };
  const result = await (form.get('way') === 'sign-up' ? app.signUpWithCredential(account) : app.signInWithCredential(account));
  if (result.status === 'error') say(result.error.message);
  else await show();
};

find<HTMLFormElement>('#create').onsubmit = async (event) => {
  event.preventDefault();
  const description = new FormData(event.target as HTMLFormElement).get('description') as string;
  const user = await app.getUser({ or: 'throw' });
  const key = await user.createApiKey({ description, expiresAt: null });
  find<HTMLInputElement>('[readonly]').value = key.value;
  await show();
};

find('#sign-out').onclick = async () => {
  const user = await app.getUser({ or: 'throw' });
  await user.signOut();
  await show();
};

await show();
