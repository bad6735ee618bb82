/**
 * Tokens that are known by their form, a row each: what it is, its forms (see `readForm`), a token of the first form,
 * something that looks like one and is none, and where the form is documented (`gitleaks` names a rule of that scanner).
 * `…` stands for the text in front of the form's first class, so that no scanner of sources takes an example for a real
 * token. A new kind is a new row: the tests build tokens from its forms and look for them at every edge.
 */
export const VENDORS: string = `
1Password account secret key | A3-<upper:6>-<base64url:20+> | …K9P34Y-6N3WD2-5RQ4F-7KJ2A-9Q3XZ | A3-LANDSCAPE | gitleaks: 1password-secret-key
1Password service account | ops_eyJ<base64url:60+> | …bS7fs7O6s5hBRifDndoLc87q_SEXWKCvnvaC_HVA9fRlHj-R59EHI_W8byY8 | ops_eyJhbGci | developer.1password.com/docs/service-accounts
Adafruit IO key | aio_<alnum:28> | …3KIjFAHQsiJoUGm1YtmaD7v3dNi8 | aio_feed_temperature | github.com/adafruit/Adafruit_IO_Documentation
Adobe client secret | p8e-<base64url:32> | …vOO_alVPzhTzRJMtjamjtt1-nxA0iRLE | p8e-notes | gitleaks: adobe-client-secret
age secret key | AGE-SECRET-KEY-1<upper:58> AGE-SECRET-KEY-PQ-1<upper:58+> | …8W3TZPPPP6UP3C4DSA7L3609Y6N14DO9GMNU77VTUUJ596LGUAX1DXN9Y1 | AGE-SECRET-KEY-1EXAMPLE | age-encryption.org
Airtable personal access token | pat<alnum:14>.<hex:64> | …MxjFT5ISgxnWam.7a767c76fb008f86bebb2737f6a6f0fb23c6f5da2cec255404e4fb440034d660 | pattern.9f86d081884c7d65 | airtable.com/developers/web/guides/personal-access-tokens
Aiven token | AVNS_<base64url:16+> | …wrBuFxRg7JWRgj2U | AVNS_pool | github.com: aiven_service_password
Alibaba access key id | LTAI<alnum:16-24> | …NbC0NP9b9uDK7z3k | LTAI5tShort | gitleaks: alibaba-access-key-id
Anthropic key | sk-ant-<base64url:20+> | …Zd7voz5cV38UFpzVZvxp | task-ant-colony-optimisation-of-the-long-route-to-work | docs.anthropic.com
Apify token | apify_api_<alnum:36> | …Rs8q7psk4Gfr4dGjO7VN9YJFGn9gU8ZteLY6 | apify_api_client | docs.apify.com
Artifactory API key | AKCp<alnum:60+> | …pUvaGReaJrwplqcmk5Kn1lztsJ1olxDiwZ47WOeU65gh2VNbhM8QrSWHQYgp | AKCp8short | gitleaks: artifactory-api-key
Artifactory reference token | cmVmdGtu<alnum:56> | …9yWwAvIk5h3PIbrV4hY1E5Pg5CSe4gT7t0lzqXWhD82xJfY7ag3bcXjE | cmVmdGtu | gitleaks: artifactory-reference-token
Atlassian API token | ATATT3<anything:30+> ATCTT3<anything:30+> ATSTT3<anything:30+> | …ahs0gnZlzkf2ZUjdmb0lo5uhwFcfwN | ATATT3xFfGF0 | gitleaks: atlassian-api-token
AWS access key id | A[KS]IA<upper:16> ABIA<upper:16> ACCA<upper:16> A3T<upper:17> | …KIA5128N6OSZ31YFVG0 | AKIAIOSFODNN7 | docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
AWS Bedrock API key | ABSK<base64:100+> bedrock-api-key-<base64:40+> | …W8b8Yw9xuqtW/M9ZA5p9iGwCh1Z7+ycr+BAXXXfpDaY2BW9VyNqq9bixKgzeKt/+O3k0+VPCiRIMEfG0FHOfp1BwL8ON9KSz6zd6 | bedrock-api-key-name | gitleaks: aws-amazon-bedrock-api-key
Axiom token | xaat-<uuid> xapt-<uuid> | …9478da6b-d0c6-21de-49f1-45fda9988c79 | xaat-token | axiom.co/docs/reference/tokens
Azure AD client secret | <dotted~:3>[0-9]Q~<dotted~:31-40> | ZOf2Q~k9q~_sVGVShovbmHbEuLxp2QNQqMyH7 | 8Q~short | gitleaks: azure-ad-client-secret
Azure cache and registry key | <base64:33>AzCa<base64:6>= <base64:42>+ACR<base64:6> | /zKgrbyvNPVTD2g4SY+09OXVvdsjjdWa5AzCa0gt4Cg= | AzCache | learn.microsoft.com: identifiable secrets
Azure Cosmos DB key | <base64:76>ACDb<base64:6>== | wTec9CoNxs01CWzEvYuv3QD72o/RawtSLt/4HRKOp0B8q/pDotXsxBd/ns+R7iO6r3iR67nOVEeaACDblGonX4== | ACDb== | learn.microsoft.com: identifiable secrets
Azure DevOps token | <alnum:76>AZDO<alnum:4> | jGKoRnlsa605h5mqZU7zZMdomNQjQPr53JucnyWscknLVu1EqfPENp2o2t4PW3gcL4VClnhlZZD2AZDOgLJI | AZDOName | learn.microsoft.com: identifiable secrets
Azure functions key | <base64url:44>AzFu<base64url:6>== | EzC083tdYXNwT_g_n1CjuFEWKapOkvQ84ZFkSd9xaqcRAzFu_VmthR== | AzFuture | learn.microsoft.com: identifiable secrets
Azure identifiable key | <base64url:40-60>JQQJ99<base64url:20+> | WufBBzyLwxpUvnvujAoF8OwvtcX4d0YtVL5Btf6oJQQJ99o9LmVx0dIr4LHi5qw4q1 | JQQJ99short | microsoft.github.io: common annotated security keys
Azure search key | <alnum:42>AzSe<alnum:6> | QkqHnbDj4d2Ovzu4q6OpGz9Ey5FapIhqiGjqZ3jLAUAzSemqq1TN | AzSecond | learn.microsoft.com: identifiable secrets
Azure Service Bus, Event Hubs and IoT key | <base64:33>+ASb<base64:6>= <base64:33>+AEh<base64:6>= <base64:33>+ARm<base64:6>= <base64:33>AIoT<base64:6>= | KpOPq0TkSebPKWkg16iObLliIAkl8dN+p+ASbCg5ZE6= | +ASb= | learn.microsoft.com: identifiable secrets
Azure storage key | <base64:76>+ASt<base64:6>== <base64:76>+ABa<base64:6>== | NbksPpYnr5PkNJfjvo54FfNWDRDvSNLVUm20+XuVWmYPd8gJTKbU55gaEa6Mh38eog+Als8IwkFz+AStWiwZqx== | +ASt== | learn.microsoft.com: identifiable secrets
Bitbucket app password | ATBB<alnum:32> | …Dwfkn2cbpaEXhHkVoaOOg7Nx3ESnZTsz | ATBBexample | support.atlassian.com: app passwords
Braintree access token | access_token$production$<lower:16>$<hex:32> access_token$sandbox$<lower:16>$<hex:32> | …zc9qcxwqbwj4j3uy$0cde2e5738713a818d8962058765a6ca | access_token$production | developer.paypal.com/braintree
Brevo API key | xkeysib-<hex:64>-<alnum:16> xsmtpsib-<hex:64>-<alnum:16> | …7cff00d796c25410335b400141212b62c376631129f34369aad80b891baf90d0-rxN6muJ3yAdJTQ5A | xkeysib-example | gitleaks: sendinblue-api-token
Browserbase key | bb_live_<alnum:20+> | …Qiar0xciMM30mv6vIOQb | bb_live_view | docs.browserbase.com
Buildkite token | bkua_<alnum:36+> bkaa_<alnum:36+> bkaj_<dotted:36+> bkct_<alnum:36+> bkar_<alnum:36+> bkat_<alnum:36+> bkpt_<alnum:36+> bkps_<alnum:36+> | …ZvBmZRwgAYaiQdYIeva7YEN5vOIzO6Ekm6pX | bkua_build | buildkite.com/docs/platform/security/tokens
Canva secret | cnvca<base64url:50+> | …ObS3LqCxSlMtWg4IFjVFlXUwtgGXuoyCjjvFIkuFoxdldpNjiC | cnvcash | canva.dev/docs
Cerebras key | csk-<lower:40+> | …jrhc66hdot20prewit19gp0frqeeb7trkg6qfpag | csk-check | inference-docs.cerebras.ai
CircleCI token | CCIPAT_<base64url:40+> CCIPRJ_<base64url:40+> CCIRNR_<base64url:40+> | …SZW2QnF1N-d4wrkpIcWqY2LHQWqnOfJ7wzMP719R | CCIPAT_name | circleci.com/docs/managing-api-tokens
Clojars token | CLOJARS_<lower:60> | …9mqtiz8umehogrbu0hmfjkuvr5n9jo35k8xm00d4ig69ebsm9dpya5zjcvdx | CLOJARS_TOKEN | gitleaks: clojars-api-token
Cloudflare API credential | cfk_<alnum:40+> cfut_<alnum:40+> cfat_<alnum:40+> | …5LRsGU7z7gqeQ8uvz3utV9IvfvayCTL0aRktIAvG | cfat_table | developers.cloudflare.com/fundamentals/api/get-started/token-formats
Cloudflare origin CA key | v1.0-<hex:24>-<hex:140+> | …9ebdd25b001a3ff416d4a3ba-f69dad8199bfca8b6f3a6a9421cc1c93016f1c4261e5351d30b49895d1a0d1f13dce20c4fd32f640d0032634f087e51b429fe8110102c995f1abef543b5dfce8a981a049d7cc | v1.0-abc123 | gitleaks: cloudflare-origin-ca-key
Contentful management token | CFPAT-<base64url:40+> | …MtVA0FxySk5Aiiz_Ia-MptD7OXqw1NWbJ8tOxFZp | CFPAT-name | contentful.com/developers/docs
Coveo key | xx<uuid> | …666259bb-c471-fb3b-e24a-0b80316f688d | xx5e2f8a91 | docs.coveo.com
Cursor key | crsr_<hex:60+> | …c328a72c5e5b77518b1018f134a069e3fab8c3bfc5e740e61572b4e3c02e | crsr_position | cursor.com/docs
Databricks token | dapi<hex:32>-<digit:1> dapi<hex:32> | …aa7f3b4a715e4e48dd74089a58f3aef3-2 | dapine | docs.databricks.com/en/dev-tools/auth
Datadog app key | ddapp_<alnum:34> ddapi_<alnum:32+> | …w3EVOGXdzuRi7gMcnrgfXf6oiqVa3RKi9E | ddapp_name | docs.datadoghq.com/account_management/api-app-keys
Daytona key | dtn_<hex:64> | …0ea4e095bd1d6854575622f856469602d1ba9f20df4875b15b0be23b7ac193fe | dtn_name | daytona.io/docs
Defined Networking key | dnkey-<base64url=:26>-<base64url=:52> | …3h2vbsnldDw32cox2XuUdIcm5y-fX_zeffPhttiXOl2NR4O6KHPuGTFP6FiJvS1Kdn8FTp2shROW554 | dnkey-example | gitleaks: defined-networking-api-token
Depot token | depot_project_<alnum:40+> depot_org_<alnum:40+> depot_user_<alnum:40+> | …TFDhWHDhEyPX2D6g7x0rfY2i7jmFa73CZZWwVh5t | depot_project_id | depot.dev/docs
DigitalOcean token | do[opr]_v1_<alnum:30+> | …r_v1_yX9s7w8UiWqAihfL5LyiRtDIAeFocz | dop_v1_token | docs.digitalocean.com/reference/api
DingTalk hook | oapi.dingtalk.com/robot/send?access_token=<hex:64> | …be9ff907a76cc0b57aaf89691052be1ceb374dab4683f84d30d3fc4d83cee9b9 | oapi.dingtalk.com/robot/send | open.dingtalk.com/document
Discord bot token | [MNO][DTjz][AEIMQUYcgk][w-z0-5]<base64url:14-24>.<base64url:6>.<base64url:27-45> | Nzg4NF0_MUCnCiTMtb.GFvFqS.136w_CDTTNXJ5IV18tcQLPjoR-P | NTIyLicense.notice.txt | discord.com/developers/docs
Discord webhook | discord.com/api/webhooks/<digit:17-20>/<base64url:60+> discordapp.com/api/webhooks/<digit:17-20>/<base64url:60+> | …79958125551482145/RkBqoQn7dJ5Q10D0COc13pm_yipQfikd3c9l-XT71FiuJzl4yc8IoVN26sO5 | discord.com/api/webhooks/list | discord.com/developers/docs/resources/webhook
Docker access token | dckr_pat_<base64url:16+> dckr_oat_<base64url:16+> | …U6uvs5kmE0WCRw_8 | dckr_pat_name | docs.docker.com/security/access-tokens
Doppler token | dp.pt.<alnum:40+> dp.ct.<alnum:40+> dp.sa.<alnum:40+> dp.said.<alnum:40+> dp.st.<dotted:40+> dp.scim.<alnum:40+> dp.audit.<alnum:40+> | …fHoHJBeqjpUJv1OTf5bamob0Uipzn7lyTolpF4Z7 | dp.st.dev | docs.doppler.com/reference/auth-token-formats
Dropbox short-lived token | sl.<base64url:100+> sl.u.<base64url:60+> | …SIvNoXAIuT4z3HjugbpygUXukLJrPMqCYqtVgxULvPrgfbyN3iD1NbmtFod8KCo8DbsAgPAJPXgzm3KIQ3XvPJcnBeys5P5kTpCj | sl.wikipedia.org | gitleaks: dropbox-short-lived-api-token
Duffel token | duffel_test_<base64url=:43> duffel_live_<base64url=:43> | …M5Dmt_wTI0eA56ve4EqIbROszbISUHV6qSg-o5xmkux | duffel_test_mode | gitleaks: duffel-api-token
Dynatrace token | dt0[a-z]0[0-9].<upper:8-24>.<upper:64> | …h00.AMMQ5CJ8.8VUFF0WS8MJ89FL7ZRA9TPD7I0NVD23HJC7JS7AKSTNIAZ420TV5LG6VRVCYK0M5 | dt0c01.ABC | docs.dynatrace.com: token format
E2B key | e2b_<hex:40> | …9872400c49b5539ac5ba7b4b87113c16fdf59247 | e2b_sandbox | e2b.dev/docs
EasyPost key | EZAK<alnum:54> EZTK<alnum:54> | …a8sEp52SsucdKn02RDSROwr9i4G3wJqUl4s0GZQbVKaoi0sPAHmAcu | EZAKIEL | gitleaks: easypost-api-token
ElevenLabs key | sk_<hex:48> | …2aed4c21a9dbf49a067e24bdb7ec83756378368f7e732d2e | sk_buff | elevenlabs.io/docs
Facebook access token | EAA<alnum:80+> | …8TwzwJRMY7EZKw6tRHpyaZZcAuN58nND3pf3n20ICZdtj7J8rWU5DTcA7WKTmanLRlPMLH0Qg7fnwLxY | EAAName | developers.facebook.com/docs
Figma token | fig[dourh]_<base64url:40+> | …u_-5JcJFe4vwJoV2Ue2-e9xnjBMiwyU13Hj-Z449nO | figd_file | developers.figma.com/docs/rest-api/authentication
Firebase cloud messaging key | AAAA<base64url:7>:APA91b<base64url:100+> | …YkVOt9K:APA91bGrDg5rlKXGXNJE0GZGt2vW5iiyNy8xJh4cpScKAui9CHKvIPG7HFZLvuIjhq0WPVOCl8iCDwH9oamCJXJS8-Emzw2lyu2r6PVpAc | AAAA:APA91b | firebase.google.com/docs/cloud-messaging
Firecrawl key | fc-<hex:32> | …6714122a40680a06aa0fca51d12afc8e | fc-cache-7 | docs.firecrawl.dev
Fireworks key | fw_<alnum:22-30> | …T01XkAFk3qDJKRla519d9x | fw_update_now | docs.fireworks.ai
Flutterwave key | FLWSECK_TEST-<lower:12+> FLWSECK-<lower:20+> | …5mnrmyz9legu | FLWSECK_TEST | gitleaks: flutterwave-secret-key
Fly.io token | fm1[ar]_<base64:100+> fm2_<base64:100+> fo1_<base64url:43> | …a_DWzKzgw1YcKjtPb3hf7qnxKjmk3IvU/rINWrF3d18PI7tMQMs3w2xTutJqFSzC/rkZyhCAbG0+vkEVr6qK5UnThC3ej1hCjJclXO | fm2_radio | fly.io/docs/security/tokens
Frame.io token | fio-u-<base64url=:64> | …bRHOG4up14htTd26E8ef-hS0msieJ_9Irs9ym1xy85p6QKy1F5WAGQyPSERNjNNQ | fio-u-name | gitleaks: frameio-api-token
GitHub fine-grained token | github_pat_<base64url:16+> | …i0uwMupeb46PFUEW | github_pat_name | docs.github.com: fine-grained personal access tokens
GitHub token | gh[pousr]_<dotted:30+> | …r_0YYHMuMJ8OyF9sxxYIZsi8KqlKumjW | ghp_short | github.blog/engineering: authentication token formats
GitLab agent token | glagent-<dotted:40+> | …m5FMKSfQjwMdKJCVbzOBVeVZmj0gK-uLHMw2p0x7 | glagent-name | docs.gitlab.com/security/tokens
GitLab CI job token | glcbt-<dotted:20+> | …mDzFwuxUb_bpgSBL5UMK | glcbt-name | docs.gitlab.com/security/tokens
GitLab deploy, runner, feed and other tokens | gldt-<dotted:16+> glrt-<dotted:16+> glrtr-<dotted:16+> glptt-<dotted:16+> glft-<dotted:16+> glimt-<dotted:16+> glsoat-<dotted:16+> glffct-<dotted:16+> glwt-<dotted:16+> GR1348941<dotted:16+> | …5BQTwJuNgoL8qG9a | glft-name | docs.gitlab.com/security/tokens
GitLab OAuth secret | gloas-<dotted:40+> | …VMOR_3dXXTRYm8UO-h1tpP5BGNWfbs91d_brW7pG | gloas-name | docs.gitlab.com/security/tokens
GitLab personal access token | glpat-<dotted:16+> | …Z7RhQ6iFGo0nzxbE | glpat-name | docs.gitlab.com/security/tokens
GoCardless token | live_<base64url=:40> sandbox_<base64url=:40> | …-iKHpW6E18QF4zsUBpqWPUqq7nTf6h9_n1l_sBrk | live_migration | gitleaks: gocardless-api-token
Google API key | AIza<base64url:35+> | …iqcXcpb6RswUSj7h5kVBtEjDxFrjtO4FMjB | AIzaSyShort | cloud.google.com/docs/authentication/api-keys
Google Gemini key | AQ.Ab8<base64url:40+> | …sbpXjnTGPe4Jfq9B-I2_bp-zCbphYytC4c0IojC6 | AQ.Ab8 | ai.google.dev
Google OAuth access token | ya29.<base64url:20+> | …mGIVZvGKmeC8WcekOX44 | ya29.name | developers.google.com/identity/protocols/oauth2
Google OAuth client secret | GOCSPX-<base64url:20+> | …5cQgRJ9LkKlbG0ZCjxcd | GOCSPX-name | developers.google.com/identity/protocols/oauth2
Google OAuth refresh token | 1//0<base64url:40+> | …uej_yfFXvk5wKpAPqguuc1d6-qtbljx3SOeBfart | 1//0 | developers.google.com/identity/protocols/oauth2
Google storage HMAC key | GOOG1E<upper:55+> | …FW3F4L62DBJL5TB0KQQ25F9WA9M8DCEL40U2VXL44C3NQ5MAVV8GJ3T | GOOG1EXAMPLE | cloud.google.com/storage/docs/authentication/hmackeys
Grafana API key | eyJrIjoi<base64:60+> | …lTNCe8wtupWu/6OOHMPbtHSD0C+2eYRQCWiGraJOX4BGbynUQufr5MnNyGjK | eyJrIjoi | gitleaks: grafana-api-key
Grafana Cloud token | glc_<base64:32+> | …lsIOD/EokO10mdvWwJcMhwR9GUyBKDM7 | glc_name | grafana.com/docs/grafana-cloud
Grafana service account token | glsa_<base64url:20+> | …__K27fMVDjW4FZh0yio5 | glsa_name | grafana.com/docs/grafana/latest/administration/service-accounts
Groq key | gsk_<alnum:40+> | …pbLBFhEMfiNy1qzqF5PYHEovZJnIVhkaRAvQ3Oym | gsk_widget | console.groq.com/docs
Harness token | pat.<base64url:22>.<hex:24>.<alnum:20> sat.<base64url:22>.<hex:24>.<alnum:20> | …hp7kDlD6CNKnyDYpFUPdxK.cacf836ed5a148fd28cbc938.sN02yQIAjmCYngfU4Uz6 | pat.smith.example | gitleaks: harness-api-key
Heroku key | HRKU-<base64url:36+> | …QeDlmfPOHPO_HIniQAhrH8Q80uTPrzgjsufA | HRKU-name | devcenter.heroku.com
Honeycomb key | hc[abx][lieoxmk]k_<alnum:40+> | …amk_QXFoUi8FJUJoDVhJ4NCCQwhCdVej6nHAUP5n1Ix4 | hcaik_name | docs.honeycomb.io
HubSpot private app token | pat-na[0-9]-<uuid> pat-eu[0-9]-<uuid> | …1-a60e4e81-e11e-3f79-aa76-6907508db282 | pat-na1-name | developers.hubspot.com/docs
Hugging Face token | hf_<alnum:30+> api_org_<alnum:30+> | …B7powZBqeGTU3PnZylGg4FuA8rtHUJ | hf_model_of_the_day | huggingface.co/docs/hub/security-tokens
Infisical service token | st.<hex:24>.<hex:32>.<hex:32> | …e6a63c59620e66869002b6d0.8b5ab9315bd0e3a34bff2aaf438c6b80.68dc5d44036c002e162aaef6076bc334 | st.louis | infisical.com/docs
Infracost key | ico-<alnum:32> | …YcstABWEHJWsM4AKK3TuapFHTJfJFuIU | ico-small | gitleaks: infracost-api-token
Inngest signing key | signkey-prod-<hex:40+> signkey-test-<hex:12+> signkey-branch-<hex:40+> | …f43fc2770c7173601e1c771d814e0f33545a3c02 | signkey-prod | inngest.com/docs
Instagram token | IGQ[VW]<base64url:80+> IGAA<base64url:80+> | …Va96BWO0q3nWqfqSebJcbucbLzCDBi_Go0a95erNWQqa273hT7nBUwhwCI3FMckUkYFzv1Q2HtJG0uHak | IGQVshort | developers.facebook.com/docs/instagram-api
Intercom token | dG9rOg<base64:30+> | …d4ESHK8fWkr6vQbrrA1xTfmUlAOvHw | dG9rOg | developers.intercom.com
Intra42 secret | s-s4t2ud-<hex:64> s-s4t2af-<hex:64> | …0268422c922202b243f8e5389cd5e3eaa60c736ba80622598514f31c82712908 | s-s4t2ud- | gitleaks: intra42-client-secret
Jina key | jina_<base64url:40+> | …gJKmhLwLKlevlAM3sosNKuYx06cMLuA3YU-eeW-b | jina_search | jina.ai
JWT in base64 | ZXlK<base64:60+> | …Pf+ZmtSU7fo8yKUYuH79sZrMe7T7ulErcaZxXWg9VEcqzK8fYZwn13Y4t/hK | ZXlKhbGci | gitleaks: jwt-base64
Klaviyo private key | pk_<hex:34> | …4ca1b570e2e619e469a62c050bf72fbf66 | pk_user | developers.klaviyo.com
Langfuse secret key | sk-lf-<uuid> | …6f69e87a-1d5a-d0b5-7048-efc48738d444 | sk-lf-name | langfuse.com/docs
LangSmith key | lsv2_pt_<hex:32>_<hex:10> lsv2_sk_<hex:32>_<hex:10> | …a157d52ed8748d31d3092954d2c93e7f_b6d28c587d | lsv2_pt_name | docs.smith.langchain.com
Lark or Feishu hook | open.feishu.cn/open-apis/bot/v2/hook/<uuid> open.larksuite.com/open-apis/bot/v2/hook/<uuid> | …b821f6a0-efa5-ea7d-26dc-47bbcfb47683 | open.feishu.cn/open-apis/bot/v2/hook/name | open.feishu.cn/document
LaunchDarkly key | sdk-<uuid> api-<uuid> mob-<uuid> | …14cd2fea-bbda-5f05-cb39-676b9852e160 | sdk-5e2f8a91 | launchdarkly.com/docs
Linear key | lin_api_<base64url:20+> lin_oauth_<base64url:20+> lin_wh_<base64url:20+> | …Qy380mav0mtmxu23eabp | lin_api_name | linear.app/developers
Lob key | live_<hex:35> test_<hex:35> | …4fa2ba9df8a1285822184aaf4614dc90792 | test_5e2f8a91 | gitleaks: lob-api-key
Logfire token | pylf_v1_<alnum:2-4>_<alnum:40+> | …Pu_64B9cOJsPtOQeD5QGuAr80cXBd6REtfMgwrxylK3 | pylf_v1_us | logfire.pydantic.dev
Mailchimp key | <hex:32>-us<digit:1-2> | 070796e656984517ea9ca91a291a7457-us7 | 5e2f8a91-us12 | mailchimp.com/developer
MailerSend key | mlsn.<hex:64> | …06a3bf9232cdf287eafdbea13e284142e192ad24c3119432a5d575cdab37e328 | mlsn.name | developers.mailersend.com
Mailgun key | key-<hex:32> | …cf759ec646f3a708f4aa5a6d107b0811 | key-d41d8cd98f | documentation.mailgun.com
Mapbox secret token | sk.eyJ<base64url:40-100>.<base64url:20+> tk.eyJ<base64url:40-100>.<base64url:20+> | …FtEyKCLJOMAet1Qv6ljDwFMTDhuH7ImEh6WHYXrH.Kv8cfF33tL98_6pXPDZM | sk.eyJ | docs.mapbox.com/help/dive-deeper/access-tokens
MaxMind licence key | <alnum:6>_<alnum:29>_mmk | 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 | readme_mmk | dev.maxmind.com
Mergify key | mka_<base64url:60+> | …KKf4XT3gSbnBJcs7sKTkM9RpFCGn-1iMln2eK67q2rXjrijU3ShxztRrX6b0 | mka_name | docs.mergify.com
Microsoft Teams webhook | webhook.office.com/webhookb2/<anything@:60+> webhook.office.com/webhook/<anything@:60+> | …PlVJaLOfygexQbeCbVTcBKK7LtJCJdhRRrXw3vY0sT5T4VOzHq9ktaEdylqN | x.webhook.office.com/webhookb2/name | learn.microsoft.com: incoming webhooks
Modal token | ak-<alnum:22> as-<alnum:22> | …KfceaTqmDrjjaEds59cBk7 | as-expected-by-the-server | modal.com/docs
MongoDB Atlas service account | mdb_sa_sk_<base64url:32+> mdb_sa_id_<hex:24> | …BnRZU-YzYpYilt9JN8PcJSGJOjX05ZJP | mdb_sa_sk_name | mongodb.com/docs/atlas
Neon key | napi_<lower:50+> npg_<alnum:12+> | …rjaz09npkelazzpbi781kusvhnx1mzyku7lgog1no4ny0hliva | napi_poll | neon.com/docs
Netlify token | nfp_<alnum:36+> nfc_<alnum:36+> nfo_<alnum:36+> nfb_<alnum:36+> | …YIo14cd3LP89jee3rg7KKWW6Y9zzX5NX9rRc | nfp_name | docs.netlify.com
New Relic key | NRAK-<upper:27> NRJS-<hex:19> NRII-<base64url:32> NRIQ-<base64url:32> NRRA-<hex:42> NRAA-<hex:27> NRBR-<hex:19> | …2VOR5B8J253A721KA7TA6BCMCN7 | NRAK-name | docs.newrelic.com
New Relic licence key | <hex:36>NRAL | dacd8e7f05554b1e1e0ee0ac414f5c500bd6NRAL | CENTRAL | docs.newrelic.com
Notion token | ntn_<alnum:40+> secret_<alnum:43> | …AoKGqlZuZBXDakVochVdOGODQ0BIkkFMzgPDlaAS | secret_santa | developers.notion.com
npm token | npm_<alnum:30+> | …yvYhSX5vXRM29rM5AqWiBwrJX05BN8 | npm_package_name | docs.npmjs.com/about-access-tokens
NuGet key | oy2<lower:43> | …6oh7rsg5sn62vjd4ghndwwxrhtkpu729i3y8mofgw2s | oy2k | learn.microsoft.com/nuget
NVIDIA key | nvapi-<base64url:50+> | …Z3ba4rXYaBHnhfnxHlksYswx7skC8NUrcRYE7NtXZpxkfEPlhY | nvapi-name | build.nvidia.com
Nylas key | nyk_v0_<alnum:40+> nyk_<alnum:40+> | …uvXhAn6zvMBlalU6noZ78vBiZloAzbkN1kdt7Zit | nyk_v0_name | developer.nylas.com
Octopus Deploy key | API-<upper:25-32> | …NNUCYBNCCJIF4Q0DZ4DWW7F7I | API-GATEWAY | gitleaks: octopus-deploy-api-key
Onfido key | api_live.<base64url:10-20>.<base64url:30+> api_sandbox.<base64url:10-20>.<base64url:30+> | …co0y6SbzE1.RIn1pmsdqfyFNP38SeyiSK236SNkLK | api_live.name | documentation.onfido.com
OpenAI key | sk-<alnum:30+> sk-proj-<base64url:20+> sk-svcacct-<base64url:20+> sk-admin-<base64url:20+> sess-<alnum:40> | …z8mWVngy9aa997BOP7ajwAA6zvqtyM | task-2026 | platform.openai.com
OpenRouter key | sk-or-v1-<hex:64> | …017d4707b72fcdaf171e7156282a2a2d92e7459da3d51f35191a136c576d8e27 | sk-or-v1-name | openrouter.ai/docs
OpenShift token | sha256~<base64url:43> | …X0sOcpQbAKGvyGs4PRT8ja97oxcM-woc_VB8Ygi8ZTg | sha256~name | docs.openshift.com
Paddle key | pdl_live_apikey_<alnum:20-30>_<alnum:20-30>_<alnum:3> pdl_sdbx_apikey_<alnum:20-30>_<alnum:20-30>_<alnum:3> | …GH1IbBK2OJOP47Pkf3eB_YKhmaIRnqJQhassb085y_KrT | pdl_live_apikey_name | developer.paddle.com
PagerDuty integration key | u+<base64url:18> | …ujxeeMbs0j5JaDEUpD | u+name | support.pagerduty.com
Perplexity key | pplx-<alnum:40+> | …xduKl8nmwzBeDhGw8w1qrGCb2yih7NEJsNnxufJX | pplx-search | docs.perplexity.ai
Persona key | persona_production_<alnum:20+> persona_sandbox_<alnum:20+> | …TwyoyiipRJ2QgukKHdKs | persona_sandbox_name | docs.withpersona.com
Pinecone key | pcsk_<base64url:40+> | …JDWKbKqtTwK2y7HKQ4TDtHHYdn-dLpy-5gHRUARj | pcsk_index | docs.pinecone.io
Plaid access token | access-sandbox-<uuid> access-development-<uuid> access-production-<uuid> | …a455b817-a151-dd64-b338-ec80cc5c0b3a | access-production-log | plaid.com/docs
PlanetScale credential | pscale_tkn_<dotted:32+> pscale_pw_<dotted:32+> pscale_oauth_<dotted:32+> | …Gg4oq2tBcputYFf4FbWfurUDRK1teGPu | pscale_pw_name | planetscale.com/docs
Polar token | polar_pat_<base64url:30+> polar_oat_<base64url:30+> polar_whs_<base64url:30+> | …SvGuM4CyYZX16MXtmYNkdxUbDXr08b | polar_pat_name | polar.sh/docs
PostHog personal key | phx_<alnum:40+> phs_<alnum:40+> | …V5bn0rqwtiWImxnJa6wxv7niTydeUomSlCDzAhiM | phx_name | posthog.com/docs
Postman key | PMAK-<base64url:30+> PMAT-<alnum:26> | …aLeKFhGeHkR2KsP0kpVKPxtmWlL73M | PMAK-name | learning.postman.com
Prefect key | pnu_<alnum:36> pnb_<alnum:36> | …eUZkHpH2vyuPcyb4FbIbgPFw8IDNaGwTkizy | pnu_name | docs.prefect.io
Pulumi token | pul-<hex:40> | …4f3489967ea4bfe513214825007e2e756aa04ab2 | pul-request | pulumi.com/docs
PyPI token | pypi-<base64url:30+> | …92f6kBzCbqUz07AtDbZiMXMWpszyvh | pypi-mirror | pypi.org/help
Razorpay key | rzp_live_<alnum:14> rzp_test_<alnum:14> | …Ijp2e6dsZOntwm | rzp_test_mode | razorpay.com/docs
ReadMe key | rdme_<lower:70+> | …wv1mpdamvpax9rbuwdcfm6ghm7uiodkr0jg8zz8ai6rtrrc69qbw9keroh96bcauycswv6 | rdme_name | docs.readme.com
Render key | rnd_<alnum:28+> | …1XTcs2UNFA6yrdSNjEKCeYAbFmn6 | rnd_float | render.com/docs
Replicate token | r8_<alnum:37> | …uP4FaIj9gzPKP63RATV3cfd5ggR5gvbg0jWte | r8_unorm | replicate.com/docs
Resend key | re_<alnum:8>_<alnum:20+> | …nfOUKq7M_eT07lL6sIvN1edm2kMoq | re_indexed_documents | resend.com/docs
Rootly key | rootly_<hex:64> | …c79d2edf85dd616e732bd008f56f49d64c090cea7a24129199532290b5cd33e9 | rootly_name | docs.rootly.com
RubyGems key | rubygems_<hex:48> | …fec3d7c6afcc831e864ec8b45d48730d21e9e233c90cb4f2 | rubygems_version | guides.rubygems.org
RunPod key | rpa_<alnum:40+> | …119weE5Q5zcCx48iQqsgBfkRZ3AL6yYGqjC3T76r | rpa_bot | docs.runpod.io
Samsara token | samsara_api_<alnum:30> | …4AIdBRKThHvibAr1itBkjzhEFw56Px | samsara_api_name | developers.samsara.com
Scalingo token | tk-us-<base64url:48> | …_HtLeEBDLvQzuTXwqhg1awmKxoPXmcCdnYR5oOOSpLAPPOoN | tk-us-name | gitleaks: scalingo-api-token
Segment token | sgp_<alnum:60+> | …Y9ZwNlzt2R5fHL4JzYbRnUOhVOtuljCnPURbSyGba59VAxdulT6x99JzeSPl | sgp_name | segment.com/docs
SendGrid key | SG.<dotted:32+> | …ACayqO1TsMX1UM0c.tPwu3cXRbvVAr7L4 | SG.example.name | docs.sendgrid.com
Sentry organisation token | sntrys_<anything:40+> | …UR7MSB1EJBPUIvz9Qp9Vythmpac5JAONGElCrXcP | sntrys_name | docs.sentry.io/account/auth-tokens
Sentry user token | sntryu_<hex:64> sntrya_<hex:64> sntryi_<hex:64> | …9a1b31a888deeeea35374646fa6aef1515e22e00fd2d741d7a9fdc10a1d67a00 | sntryu_name | docs.sentry.io/account/auth-tokens
SettleMint token | sm_aat_<alnum:16> sm_pat_<alnum:16> sm_sat_<alnum:16> | …6R3SrSRvIvZnR6Bo | sm_pat_name | gitleaks: settlemint-personal-access-token
Shippo token | shippo_live_<hex:40> shippo_test_<hex:40> | …a0c8d2fc3f3c3fd03f91d80f7bec391a97c0de4f | shippo_test_mode | gitleaks: shippo-api-token
Shopify token | shp[as]t_<base64url:30+> shp[scpu][sa]_<base64url:30+> shppa_<base64url:30+> shprt_<base64url:30+> shptka_<base64url:30+> | …st_5B1iF7v3lxuMsFicvUNIjVmAL2y_6f | shpat_name | shopify.dev/docs
Slack token | xox[abcdeoprs]-<anything%:10+> xoxe.xox[bp]-<base64url:10+> xapp-<base64url:10+> xwfp-<base64url:10+> | …c-RR0pRzHXL4 | xoxb-name | docs.slack.dev/authentication/tokens
Slack webhook | hooks.slack.com/services/<anything:20+> hooks.slack.com/workflows/<anything:20+> hooks.slack.com/triggers/<anything:20+> hooks.slack-gov.com/services/<anything:20+> | …kl49o8XjyI2BU7SPtwM9 | hooks.slack.com/services/name | docs.slack.dev/messaging
Snyk token | snyk_uat.<alnum:8>.<dotted:40+> snyk_sat.<alnum:8>.<dotted:40+> | …vQRQ7dUY.jDt06xcnUFgnEOiVzwnhLjv2fpD0DFcAXkUdbIPn | snyk_uat.name | docs.snyk.io
SonarQube token | sq[upa]_<hex:40> | …u_6202c247e1de30ca67dbeb4c29d9936dae96f9c2 | squ_name | docs.sonarsource.com
Sourcegraph token | sgp_<hex:40> sgp_local_<hex:40> sgp_<hex:16>_<hex:40> sgd_<hex:64> slk_<hex:64> | …3e2ed8f8c375d60fcac32c49d49aee9f4580d08f | sgp_local_name | sourcegraph.com/docs
Square token | sq0atp-<base64url:22+> sq0csp-<base64url:43> EAAA<base64url:60> | …LrS2XQpbbsDMpRLWTKNds8 | sq0atp-name | developer.squareup.com
Stripe ephemeral key | ek_live_<base64url:20+> ek_test_<base64url:20+> | …DeVQIRluSGwNE_V4_q6k | ek_test_case | docs.stripe.com/api
Stripe or Clerk key | sk_live_<base64url:10+> sk_test_<base64url:10+> sk_prod_<base64url:10+> rk_live_<base64url:10+> rk_test_<base64url:10+> rk_prod_<base64url:10+> | …7ICaru_CUQ | risk_live_feed | docs.stripe.com/keys
Stripe webhook secret | whsec_<anything:16+> | …y42K4bGdI5o9WxQL | whsec_name | docs.stripe.com/webhooks
Stytch secret | secret-live-<base64url=:36+> secret-test-<base64url=:36+> | …CK8iFSsf5a-F4PzLVtynXnkWIhO8oCKzucGN | secret-test-name | stytch.com/docs
Supabase key | sb_secret_<base64url:20+> sbp_<alnum:30+> sbp_oauth_<alnum:30+> | …tE11UTLC_tsCqIZJMa13 | sb_secret_name | supabase.com/docs/guides/api/api-keys
Svix key | testsk_<base64url:30+> | …NE_qTq-4YrFY0xBhUqA-npDOH2cBIo | testsk_name | docs.svix.com
Tailscale key | tskey-api-<alnum:8-20>-<alnum:20+> tskey-auth-<alnum:8-20>-<alnum:20+> tskey-client-<alnum:8-20>-<alnum:20+> tskey-scim-<alnum:8-20>-<alnum:20+> tskey-webhook-<alnum:8-20>-<alnum:20+> | …A9bqKi7n-MB9Z6jgMwqhFUtYViMLH | tskey-auth-name | tailscale.com/kb
Tavily key | tvly-<base64url:20+> | …Hw1sGtFpTxH3DA1yhrKe | tvly-search | docs.tavily.com
Telegram bot token | <digit:8-10>:A[A-Z]<base64url:33> | 55182641:ASV_DK5HRxnY_Ghvxcuvv4pug_I_L7otSYo | 12345678:AAexample | core.telegram.org/bots/api
Telnyx key | KEY<upper:32>_<alnum:22> | …2L25HM7V9WXB6X9O8JDLU5ULPDM1VVCC_ywY7IStNZLeCM6lZ96cOzK | KEY01_name | developers.telnyx.com
Tencent Cloud secret id | AKID<alnum:32> | …FknH5q6My2jXEoPPtuhPljQyR1cvb5dS | AKIDshort | cloud.tencent.com/document
Terraform Cloud token | <alnum:14>.atlasv1.<base64url=:60+> | mHBrcKY4ZG5xJS.atlasv1.5g2-Uwz3Qy5yhXqqvi3yg-QK0TR7d_5Ph_-miPgRzyaueWKcnrh2bGtEtf6R | x.atlasv1.name | developer.hashicorp.com/terraform
Threads token | THAA<base64url:80+> | …n4bZZrQCqiXYl5IqGfqUdfGi6y0_R6gGSR8TuKOiSxLCbU2FeO_VmfK4u1j6AXF7uuVwYUNetnKeIWi7 | THAAshort | developers.facebook.com/docs/threads
Together key | tgp_v1_<base64url:40+> | …Sr8UYgc1RQvftUHrFbUnG8F2ewQmH4VfFqlDjywz | tgp_v1_name | docs.together.ai
Trigger.dev key | tr_dev_<alnum:20+> tr_prod_<alnum:20+> tr_stg_<alnum:20+> tr_pat_<alnum:40> | …sOK9igIsdWCaBcs8UdKl | tr_dev_name | trigger.dev/docs
Twilio key | SK<hex:32> | …5c9cfc4b1d85a6c844be645a80d52826 | SKU4711 | twilio.com/docs/iam/api-keys
Twitter bearer token | AAAAAAAAAAAAAAAAAAAA<anything%:60+> | …6QizvkCfiQhOmHOIO3ILUAFG7A21aAgTx5QEBTrcfvyMPlt2SjgSN7pFNmOU | AAAAAAAAAAAAAAAAAAAAAAAA | developer.x.com
Typeform token | tfp_<dotted:40+> | …CcpFAzybt5aMInTHyvlBmem3uLYhRXl5Lb2Ei37n | tfp_name | typeform.com/developers
Ubidots token | BBFF-<alnum:30> BBUS-<alnum:30> | …8jiQSTIZ6wHaOVqF9yGikb8saspb8j | BBFF-name | docs.ubidots.com
Unkey root key | unkey_<alnum:20+> | …o8zkzfpnPO5xlCXtTLW6 | unkey_name | unkey.com/docs
Val Town token | vtwn_<alnum:20+> | …MMyzOEAT7AgD69UlkTq1 | vtwn_name | docs.val.town
Vault token | hv[sbr].<base64url:20+> | …r.ccnRxE7izfLIHjWW5HCF | hvs.name | developer.hashicorp.com/vault/docs/concepts/tokens
Vercel token | vcp_<alnum:24+> vci_<alnum:24+> vca_<alnum:24+> vcr_<alnum:24+> vck_<alnum:24+> vercel_blob_rw_<alnum:12-20>_<alnum:20+> | …Jw6LkU3mJIxpHTmMzzBnsh8U | vcp_name | vercel.com/docs
Volcengine key id | AKLT<base64url:30+> | …9DaoT55AnQbhvdhU0u6s1ujMjkOZz0 | AKLTshort | volcengine.com/docs
Voyage key | pa-<base64url:43> | …tEC-4KTgVgG0-j1HZOL3_5fY9bPFtxVaUUDI-rT9QfI | pa-system-of-the-town-hall-in-the-old-part-of-it | docs.voyageai.com
WakaTime key | waka_<uuid> | …4d67777a-0c89-10d9-c95f-ee9c13ea50f5 | waka_time | wakatime.com/developers
Weights and Biases key | wandb_v1_<base64url:40+> | …tyLeG0JINeHGGDim28XEsd0LrQxGw39xK9Mw2IR3 | wandb_v1_name | docs.wandb.ai
WooCommerce key | ck_<hex:40> cs_<hex:40> | …980b117e3a28b342ee758af8d62014ea5dd9d602 | cs_name | woocommerce.com/document
Workato token | wrkaus-<dotted:40+> wrkprod-<dotted:40+> wrkatoken-<dotted:40+> | …ggwUm03KE27TxuudVq9tdtscUeFTEYkPYkFMVncc | wrkaus-name | docs.workato.com
xAI key | xai-<alnum:60+> xai-token-<alnum:60+> | …szWv64LfGOnS85DHMquuoH8DTrvbXtiz6VCVzalneCEQLffsIQSpwYvryFOT | xai-model | docs.x.ai
Xata key | xau_<alnum:32+> | …9demRl44j7ubLtEZXUGt0p4B2xrc1xYE | xau_name | xata.io/docs
Yandex Cloud key | AQVN<base64url:35-40> y[0-3]_<base64url:55-75> YCA<base64url:35+> | …gpIQFqJoxp0vF74C1d3NRUJ2Vi4kXEyX2AH | AQVNshort | yandex.cloud/docs
Zapier hook | hooks.zapier.com/hooks/catch/<digit:4-12>/<lower:6+> | …5011/s0xq7u | hooks.zapier.com/hooks/catch/ | help.zapier.com
Zuplo key | zpka_<hex:32>_<hex:8> | …2380c27c73a0d5025775aac1bd4f6906_ad6e791a | zpka_name | zuplo.com/docs
Private key in base64 | LS0tLS1CRUdJTiBSU0Eg<base64:20+> LS0tLS1CRUdJTiBQUklWQVRF<base64:20+> LS0tLS1CRUdJTiBFQyBQ<base64:20+> LS0tLS1CRUdJTiBPUEVO<base64:20+> LS0tLS1CRUdJTiBFTkNS<base64:20+> LS0tLS1CRUdJTiBEU0Eg<base64:20+> LS0tLS1CRUdJTiBQR1AgUFJJVkFU<base64:20+> | …UFJJVkFURSBLRVktLS0tLQpNSUlF | LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUQ | datatracker.ietf.org/doc/html/rfc7468
OpenSSH key body | b3BlbnNzaC1rZXktdjEA<base64:20+> | …AAAABG5vbmUAAAAEbm9uZQAAAAAA | b3BlbnNzaC1rZXk | github.com/openssh/openssh-portable: PROTOCOL.key
minisign or signify secret key | RWRTY0Iy<base64:60+> RWRCSw<base64:60+> | …PtYgjmUhBel31iEl2hpChYgCfrL1spNxnyVmihA/2O76UMFxFkM/R5Kjp1vRt+1f | RWRTY0Iyshort | jedisct1.github.io/minisign
BIP32 private key | xprv<alnum:100-112> yprv<alnum:100-112> zprv<alnum:100-112> tprv<alnum:100-112> | …9QeWJKY40uvSwMFLZDe1f8rESQedUStPKR0CsTy4Qwb8DwkNhFdnXsiVpzz63FfkCzJr4i0B3JrTAwR4y9ojfljoQoaF1LlqsajAIxNKu8i | xprvector | github.com/bitcoin/bips: BIP32
Nostr secret key | nsec1<lower:58> | …6d39zzzzg4zdmen2khvdgaj8gxbenyjqwx4hh5344tfjgvq4k7bn7xj8b7 | nsec1test | github.com/nostr-protocol/nips: NIP-19
Fernet token | gAAAAA<base64url:60+> | …MlHUvTCQCyEZDz_TddJ8HyS5SUkCnD8zRA9a9SkpXz9w3QlY7Zkuvqdt7s8Stqcbnr3yBd | gAAAAABshort | github.com/fernet/spec
Iron sealed value | Fe26.2*<base64url:0-24>*<hex:64>*<base64url:22>*<base64url:20+> | …1*8697a8d41bed440e50454f31af3176813e02ea68ef786e4d3cea27d26934b484*9DoV8gz4FkQ1okTBGzvAmw*ufUxbvJDCTbyvHNsG9eh6Yo4gfqrc5XlrWi0B26R08qz | Fe26.2 alloy | github.com/hapijs/iron
PASETO | v<digit:1>.local.<base64url:40+> v<digit:1>.public.<base64url:40+> | v4.local.t_PlJhx2jIclHkCiHp6bR1IqfEouHgxzNNAL5wIScGebcy8F | v1.local.name | github.com/paseto-standard/paseto-spec
Password hash, bcrypt | $2a$<digit:2>$<anything:53+> $2b$<digit:2>$<anything:53+> $2y$<digit:2>$<anything:53+> | …10$5n3/YNBDRzrZSgqbjG3uhkWKFLf6xuI5aHUQPFeNBTxaQWk8JzFal | $2b$10 | usenix.org: a future-adaptable password scheme
Password hash, crypt | $1$<anything:1-8>$<anything:22+> $apr1$<anything:1-8>$<anything:22+> $5$<anything:1-16>$<anything:43+> $6$<anything:1-16>$<anything:86+> $5$rounds=<digit:4-9>$<anything:1-16>$<anything:43+> $6$rounds=<digit:4-9>$<anything:1-16>$<anything:86+> $y$<anything:3-4>$<anything:8-32>$<anything:43+> | …q0fjzLcz$cMMDktXP/tKsf2rcDkdfrU | $1$200 | man 5 crypt
Password hash, Argon2 | $argon2id$v=<digit:2>$m=<digit:2-8>,t=<digit:1-3>,p=<digit:1-3>$<base64:8-64>$<base64:16+> $argon2i$v=<digit:2>$m=<digit:2-8>,t=<digit:1-3>,p=<digit:1-3>$<base64:8-64>$<base64:16+> $argon2d$v=<digit:2>$m=<digit:2-8>,t=<digit:1-3>,p=<digit:1-3>$<base64:8-64>$<base64:16+> | $argon2id$v=19$m=65536,t=3,p=4$9gy1CJdObOIRpFqaDZeV7G$5IfQHeVVEqZe2qpUWnoVPDF2yeE6RsXcNOPmeMjvqPV | $argon2id$v=19 | datatracker.ietf.org/doc/html/rfc9106
Password hash, PBKDF2 and scrypt | pbkdf2_sha256$<digit:4-8>$<alnum:8-32>$<base64:43>= pbkdf2:sha256:<digit:4-8>$<alnum:8-32>$<hex:64> scrypt:<digit:4-7>:<digit:1-2>:<digit:1-2>$<alnum:8-32>$<hex:128> $scrypt$ln=<digit:1-2>,r=<digit:1-2>,p=<digit:1-2>$<base64:8-64>$<base64:16+> | …600000$StNKiaEdFrRgSnRFsTHsDD$7pzNk8cL6j5IXAAjlsHUqJoUD/+Ydua+5ZMs1SWOpQa= | pbkdf2_sha256 | docs.djangoproject.com: password management
Password hash, LDAP | {SSHA}<base64:20+> {SHA}<base64:27>= {SMD5}<base64:20+> {SSHA256}<base64:40+> {SSHA512}<base64:80+> {PBKDF2-SHA256}<anything:40+> | …PRYpzbLGViYXjU2JgJngKtFI3OyV2dZA | {SSHA} | openldap.org/faq
Password hash, PostgreSQL | SCRAM-SHA-256$<digit:4-7>:<base64:20-28>==$<base64:43>=:<base64:43>= | …4096:Ufd7UACNWiP3sFd67JikEA==$vstqVVPqzPptEJQzhkPkenG5ZFJoC6vWCBiJmpflvJf=:upxqZKm4bV3AyAVHnyrvWdFrK9xiRGHOY32nfr5pyzP= | SCRAM-SHA-256 | postgresql.org/docs: pg_authid
`;
