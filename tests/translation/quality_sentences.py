"""The same sentences in five languages, written for this project: line N of each says the same."""

SENTENCES = {
    "en": """
Good morning, and thank you for coming to our meeting.
The train to the coast leaves at half past eight.
My sister works as a nurse in a small hospital.
We would like a table for four people near the window.
The children are playing in the garden behind the house.
Could you please tell me where the nearest pharmacy is?
The price of bread has risen a lot this year.
He forgot his keys at home and had to wait outside.
The new bridge will be opened next spring.
I have been learning to play the guitar for two years.
Nobody in the village remembers such a cold winter.
The doctor says that you must drink more water.
This book tells the story of a fisherman and his son.
We lost the first game, but we won the second one.
The museum is closed on Mondays.
She bought fresh fruit and vegetables at the market.
If it rains tomorrow, we will stay at home.
The government has announced a new law about schools.
Please send me the documents before Friday.
The mountains are covered with snow until May.
They want to sell the old house and move to the city.
My computer is slow, so I need a new one.
The bird built its nest in the tallest tree.
Thank you very much for your help.
The river flows slowly through the green valley.
""",
    "pt": """
Bom dia, e obrigado por virem à nossa reunião.
O trem para o litoral parte às oito e meia.
Minha irmã trabalha como enfermeira em um pequeno hospital.
Gostaríamos de uma mesa para quatro pessoas perto da janela.
As crianças estão brincando no jardim atrás da casa.
Você poderia me dizer onde fica a farmácia mais próxima?
O preço do pão subiu muito este ano.
Ele esqueceu as chaves em casa e teve que esperar do lado de fora.
A nova ponte será inaugurada na próxima primavera.
Estou aprendendo a tocar violão há dois anos.
Ninguém na aldeia se lembra de um inverno tão frio.
O médico diz que você deve beber mais água.
Este livro conta a história de um pescador e seu filho.
Perdemos o primeiro jogo, mas ganhamos o segundo.
O museu está fechado às segundas-feiras.
Ela comprou frutas e legumes frescos no mercado.
Se chover amanhã, ficaremos em casa.
O governo anunciou uma nova lei sobre as escolas.
Por favor, envie-me os documentos antes de sexta-feira.
As montanhas estão cobertas de neve até maio.
Eles querem vender a casa velha e se mudar para a cidade.
Meu computador é lento, então preciso de um novo.
O pássaro construiu seu ninho na árvore mais alta.
Muito obrigado pela sua ajuda.
O rio corre devagar pelo vale verde.
""",
    "es": """
Buenos días, y gracias por venir a nuestra reunión.
El tren a la costa sale a las ocho y media.
Mi hermana trabaja como enfermera en un pequeño hospital.
Nos gustaría una mesa para cuatro personas cerca de la ventana.
Los niños están jugando en el jardín detrás de la casa.
¿Podría decirme dónde está la farmacia más cercana?
El precio del pan ha subido mucho este año.
Olvidó sus llaves en casa y tuvo que esperar fuera.
El nuevo puente se abrirá la próxima primavera.
Llevo dos años aprendiendo a tocar la guitarra.
Nadie en el pueblo recuerda un invierno tan frío.
El médico dice que debes beber más agua.
Este libro cuenta la historia de un pescador y su hijo.
Perdimos el primer partido, pero ganamos el segundo.
El museo está cerrado los lunes.
Ella compró fruta y verdura fresca en el mercado.
Si llueve mañana, nos quedaremos en casa.
El gobierno ha anunciado una nueva ley sobre las escuelas.
Por favor, envíame los documentos antes del viernes.
Las montañas están cubiertas de nieve hasta mayo.
Quieren vender la casa vieja y mudarse a la ciudad.
Mi ordenador es lento, así que necesito uno nuevo.
El pájaro construyó su nido en el árbol más alto.
Muchas gracias por su ayuda.
El río fluye lentamente por el valle verde.
""",
    "fr": """
Bonjour, et merci d'être venus à notre réunion.
Le train pour la côte part à huit heures et demie.
Ma sœur travaille comme infirmière dans un petit hôpital.
Nous voudrions une table pour quatre personnes près de la fenêtre.
Les enfants jouent dans le jardin derrière la maison.
Pourriez-vous me dire où se trouve la pharmacie la plus proche ?
Le prix du pain a beaucoup augmenté cette année.
Il a oublié ses clés à la maison et a dû attendre dehors.
Le nouveau pont sera ouvert au printemps prochain.
J'apprends à jouer de la guitare depuis deux ans.
Personne dans le village ne se souvient d'un hiver aussi froid.
Le médecin dit que vous devez boire plus d'eau.
Ce livre raconte l'histoire d'un pêcheur et de son fils.
Nous avons perdu le premier match, mais nous avons gagné le second.
Le musée est fermé le lundi.
Elle a acheté des fruits et des légumes frais au marché.
S'il pleut demain, nous resterons à la maison.
Le gouvernement a annoncé une nouvelle loi sur les écoles.
Veuillez m'envoyer les documents avant vendredi.
Les montagnes sont couvertes de neige jusqu'en mai.
Ils veulent vendre la vieille maison et déménager en ville.
Mon ordinateur est lent, donc j'en ai besoin d'un nouveau.
L'oiseau a construit son nid dans l'arbre le plus haut.
Merci beaucoup pour votre aide.
La rivière coule lentement à travers la vallée verte.
""",
    "ca": """
Bon dia, i gràcies per venir a la nostra reunió.
El tren a la costa surt a dos quarts de nou.
La meva germana treballa com a infermera en un petit hospital.
Ens agradaria una taula per a quatre persones a prop de la finestra.
Els nens estan jugant al jardí darrere de la casa.
Em podria dir on és la farmàcia més propera?
El preu del pa ha pujat molt aquest any.
Va oblidar les seves claus a casa i va haver d'esperar fora.
El nou pont s'obrirà la propera primavera.
Fa dos anys que aprenc a tocar la guitarra.
Ningú al poble recorda un hivern tan fred.
El metge diu que has de beure més aigua.
Aquest llibre explica la història d'un pescador i el seu fill.
Vam perdre el primer partit, però vam guanyar el segon.
El museu està tancat els dilluns.
Ella va comprar fruita i verdura fresca al mercat.
Si plou demà, ens quedarem a casa.
El govern ha anunciat una nova llei sobre les escoles.
Si us plau, envia'm els documents abans de divendres.
Les muntanyes estan cobertes de neu fins al maig.
Volen vendre la casa vella i mudar-se a la ciutat.
El meu ordinador és lent, així que en necessito un de nou.
L'ocell va construir el seu niu a l'arbre més alt.
Moltes gràcies per la seva ajuda.
El riu flueix lentament per la vall verda.
""",
}
