// Asks the visitor's device for a passkey and sends the form with its answer.
(() => {
  "use strict";

  class Passkey {
    constructor(place) {
      this.place = place;
      this.form = place.closest("form");
      this.status = place.querySelector("[role=status]");
      this.button = place.querySelector("button");
      const { parseCreationOptionsFromJSON, parseRequestOptionsFromJSON } = window.PublicKeyCredential || {};
      if (!parseCreationOptionsFromJSON || !parseRequestOptionsFromJSON) {
        this.say("unable");
        return;
      }
      this.say("ready");
      const only = place.dataset.only === "1";
      this.button.hidden = only;
      this.button.addEventListener("click", () => this.ask());
      if (only) this.form.addEventListener("submit", (event) => this.hold(event), { capture: true });
    }

    say(what) {
      this.place.dataset.state = what;
      this.status.textContent = this.place.dataset[what];
    }

    // hold keeps a form that is for nothing else until the device has answered.
    hold(event) {
      if (this.form.elements.passkeyResponse.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.ask();
    }

    async ask() {
      if (this.asking) return; // one question at a time
      this.asking = true;
      this.say("busyText");
      try {
        const credential = await this.question();
        this.form.elements.passkeyResponse.value = JSON.stringify(credential);
        this.say("done");
        this.form.requestSubmit(this.form.querySelector("button.primary"));
      } catch (error) {
        const known = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
        this.say(known[error.name] || "broken");
      } finally {
        this.asking = false;
      }
    }

    question() {
      const options = JSON.parse(this.place.dataset.passkey);
      if (this.place.dataset.ceremony === "create") {
        return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      }
      return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    }
  }

  document.querySelectorAll("[data-passkey]").forEach((place) => new Passkey(place));
})();
